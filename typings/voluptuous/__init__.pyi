# Home Assistant serves its own validator under this name.
from probatio import *
