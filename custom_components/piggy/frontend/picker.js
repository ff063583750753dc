/**
 * The card in Home Assistant's card picker, and its dashboards among those to add.
 *
 * @import { Hass } from "./hub.js"
 */
import { stubConfig } from "./config.js";
import { DOMAIN } from "./hub.js";
import { kioskDashboard, overviewDashboard } from "./strategy.js";
import { pageWords } from "./words.js";

/**
 * Offer the card in the picker and for a screen's entities, and the dashboards.
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
  for (const { name, dashboard } of DASHBOARDS) {
    page.customStrategies ??= [];
    page.customStrategies.push({
      type: `piggy-${name}`,
      strategyType: "dashboard",
      get name() {
        return pageWords()[name];
      },
      get description() {
        return pageWords()[`${name}_description`];
      },
    });
    customElements.define(
      `ll-strategy-dashboard-piggy-${name}`,
      class extends HTMLElement {
        /**
         * @param {object} _config
         * @param {Hass} hass
         */
        static generate(_config, hass) {
          return dashboard(hass, `custom:${tag}`);
        }
      },
    );
  }
}

/**
 * The dashboards, by the word of their name.
 * @type {{ name: "kiosk" | "overview", dashboard: (hass: Hass, type: string) => object }[]}
 */
const DASHBOARDS = [
  {
    name: "kiosk",
    dashboard: (hass, type) => kioskDashboard(hass, type, pageWords().kiosk),
  },
  {
    name: "overview",
    dashboard: (hass, type) => {
      const [, base] = window.location.pathname.split("/");
      return overviewDashboard(hass, type, pageWords(), `/${base}`);
    },
  },
];
