/**
 * The card in Home Assistant's card picker, and its dashboard among those to add.
 *
 * @import { Hass } from "./hub.js"
 */
import { stubConfig } from "./config.js";
import { DOMAIN } from "./hub.js";
import { kioskDashboard } from "./strategy.js";
import { pageWords } from "./words.js";

const STRATEGY = "piggy-kiosk";

/**
 * Offer the card in the picker and for a screen's entities, and a dashboard of kiosks.
 * @param {string} tag the element's
 */
export function offer(tag) {
  /** @type {Window & { customCards?: object[], customStrategies?: object[] }} */
  const page = window;
  page.customCards ??= [];
  page.customCards.push({
    type: tag,
    preview: true,
    get name() {
      return pageWords().name;
    },
    get description() {
      return pageWords().description;
    },
    /**
     * @param {Hass} hass
     * @param {string} entityId
     */
    getEntitySuggestion(hass, entityId) {
      const entity = hass.entities?.[entityId];
      return entity?.platform === DOMAIN && entity.device_id
        ? { config: { type: `custom:${tag}`, ...stubConfig(hass, entity.device_id) } }
        : null;
    },
  });
  page.customStrategies ??= [];
  page.customStrategies.push({
    type: STRATEGY,
    strategyType: "dashboard",
    get name() {
      return pageWords().kiosk;
    },
    get description() {
      return pageWords().kiosk_description;
    },
  });
  customElements.define(
    `ll-strategy-dashboard-${STRATEGY}`,
    class extends HTMLElement {
      /**
       * @param {object} _config
       * @param {Hass} hass
       */
      static generate(_config, hass) {
        return kioskDashboard(hass, `custom:${tag}`, pageWords().kiosk);
      }
    },
  );
}
