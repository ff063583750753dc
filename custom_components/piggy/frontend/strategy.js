/**
 * A dashboard that makes itself: a kiosk for each screen. Pure.
 *
 * @import { Hass } from "./hub.js"
 */
import { DOMAIN } from "./hub.js";

/**
 * Return the dashboard's configuration.
 * @param {Hass} hass
 * @param {string} type the card's
 * @param {string} title
 */
export function kioskDashboard(hass, type, title) {
  const screens = new Set(
    Object.values(hass.entities ?? {})
      .filter(({ platform, device_id: id }) => platform === DOMAIN && id)
      .map(({ device_id: id }) => `${id}`),
  );
  const views = [...(screens.size ? screens : [""])].map((id) => {
    const device = hass.devices?.[id];
    return {
      title: device?.name_by_user || device?.name || title,
      path: id || "kiosk",
      type: "panel",
      cards: [{ type, device_id: id, kiosk: true }],
    };
  });
  return { title, views };
}
