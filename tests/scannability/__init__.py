"""Whether rendered codes can be read off a shop's screen."""
