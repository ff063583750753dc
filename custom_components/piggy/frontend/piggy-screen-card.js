/**
 * The card of a Piggy screen: starts sessions, shows their code, thanks the customer.
 *
 * A plain ES module for Home Assistant's dashboards; it imports nothing and asks only
 * the hub. The screen is a device; its entities are found by their translation key, so
 * that a renamed entity stays what it is.
 *
 * @typedef {object} CardConfig
 * @property {string} type `custom:piggy-screen-card`
 * @property {string} device_id the screen; empty while none is chosen
 * @property {string[]} [session_types] what buttons start, in this order; [] for none
 * @property {boolean} [show_link] whether the session's url stands under the code
 * @property {string} [title] stands in the place of the shop's name
 */

const TAG = "piggy-screen-card";
const DOMAIN = "piggy";

/** Every session type and its icon; the order is that of the editor. */
const TYPES = {
  credit_reception: "mdi:star-plus",
  redeem_giftcard: "mdi:wallet-giftcard",
  top_up_giftcard: "mdi:gift",
  voucher: "mdi:ticket-percent",
  portal: "mdi:qrcode",
  pay_prepaid: "mdi:wallet",
  top_up_prepaid: "mdi:wallet-plus",
};

/** What a card offers that was not told otherwise; few shops have prepaid balances. */
const USUAL_TYPES = [
  "credit_reception",
  "redeem_giftcard",
  "top_up_giftcard",
  "voucher",
  "portal",
];

/** Buttons a row, by how many there are: in a wide card and in a tall one. */
const COLUMNS = {
  wide: [1, 1, 2, 3, 2, 3, 3, 4],
  tall: [1, 1, 1, 1, 2, 2, 2, 2],
};

/** The newest event while nobody has scanned the code that is shown. */
const NOT_SCANNED = ["session_created", "session_expired", "session_cleared"];

/** Piggy's events that complete a session: what is said of each. */
const TOLD = {
  credit_reception: (told) => told.plural("credits", told.credits),
  giftcard_transaction: (told) => told.amount("redeem_giftcard", "redeemed"),
  prepaid_transaction: (told) => told.amount("pay_prepaid", "paid"),
  voucher_redeemed: (told) => told.voucher(),
  reward_reception: (told) => told.word("reward"),
};

/** How a user wants numbers, as a locale: Home Assistant's profile page. */
const NUMBER_LOCALES = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
  system: undefined,
};

const MAX_DIGITS = 8; // 999,999.99
const RETRY_MS = [1000, 2000, 4000, 8000];
const ERROR_MS = 30_000; // what a passer-by left behind is not the next customer's
const ANNOUNCE_MS = 250; // an event follows the status that it belongs to
const CONNECTION_LOST = 3; // home-assistant-js-websocket's code

/** What is said, by language; strict JSON, so that anything can read it. */
const WORDS = /* words */ {
  "en": {
    "name": "Piggy screen",
    "description": "Starts Piggy sessions on a screen, shows their QR code and thanks the customer.",
    "credit_reception": "Collect credits",
    "redeem_giftcard": "Redeem giftcard",
    "top_up_giftcard": "Top up giftcard",
    "voucher": "Redeem voucher",
    "portal": "Open portal",
    "pay_prepaid": "Pay with prepaid balance",
    "top_up_prepaid": "Top up prepaid balance",
    "session": "Session",
    "choose": "What would you like to do?",
    "starting": "One moment…",
    "scan": "Scan this code with your phone",
    "valid": "Valid for",
    "code": "QR code: {purpose}",
    "loading": "The code is on its way…",
    "retrying": "The code cannot be loaded. Trying again…",
    "no_code": "The QR code of this screen is switched off in Home Assistant.",
    "cancel": "Cancel",
    "identified": "Welcome!",
    "identified_text": "We recognised you. Continue on your phone.",
    "thanks": "Thank you!",
    "credits_one": "{credits} credit earned",
    "credits_other": "{credits} credits earned",
    "redeemed": "{amount} redeemed",
    "topped_up": "{amount} added",
    "paid": "{amount} paid",
    "voucher_named": "{voucher} redeemed",
    "voucher_done": "Voucher redeemed",
    "reward": "Reward received",
    "done": "All done",
    "close": "Close",
    "amount": "Amount to redeem",
    "delete": "Delete",
    "confirm": "Continue",
    "error": "That did not work",
    "error_unknown": "Something went wrong. Try again.",
    "error_connection": "The connection broke off. If a session was started, it appears by itself.",
    "offline": "No connection",
    "offline_text": "Home Assistant cannot be reached. This screen comes back by itself.",
    "unavailable": "Not available right now",
    "unavailable_text": "This screen comes back by itself.",
    "missing": "Screen not found",
    "missing_text": "It was removed, or its entities are disabled. Choose another screen in the card’s settings.",
    "unset": "No screen chosen",
    "unset_text": "Choose a Piggy screen in the card’s settings.",
    "label_device_id": "Screen",
    "label_title": "Title",
    "label_session_types": "Buttons",
    "label_show_link": "Show the link",
    "helper_title": "Stands in the place of the shop’s name.",
    "helper_session_types": "What customers can start here, in this order. Without any, the card only shows what is started elsewhere.",
    "helper_show_link": "Shows the session’s address as text, for who cannot scan.",
    "config_device_id": "device_id is missing: choose a Piggy screen.",
    "config_text": "{key} must be a text.",
    "config_bool": "{key} must be true or false.",
    "config_types": "session_types must be a list of: {types}."
  },
  "nl": {
    "name": "Piggy-scherm",
    "description": "Start Piggy-sessies op een scherm, toont de QR-code en bedankt de klant.",
    "credit_reception": "Punten sparen",
    "redeem_giftcard": "Cadeaukaart inwisselen",
    "top_up_giftcard": "Cadeaukaart opwaarderen",
    "voucher": "Voucher inwisselen",
    "portal": "Portaal openen",
    "pay_prepaid": "Betalen met prepaidtegoed",
    "top_up_prepaid": "Prepaidtegoed opwaarderen",
    "session": "Sessie",
    "choose": "Wat wil je doen?",
    "starting": "Een ogenblik…",
    "scan": "Scan deze code met je telefoon",
    "valid": "Geldig",
    "code": "QR-code: {purpose}",
    "loading": "De code komt eraan…",
    "retrying": "De code kan niet worden geladen. Nieuwe poging…",
    "no_code": "De QR-code van dit scherm is uitgeschakeld in Home Assistant.",
    "cancel": "Annuleren",
    "identified": "Welkom!",
    "identified_text": "We hebben je herkend. Ga verder op je telefoon.",
    "thanks": "Bedankt!",
    "credits_one": "{credits} punt gespaard",
    "credits_other": "{credits} punten gespaard",
    "redeemed": "{amount} ingewisseld",
    "topped_up": "{amount} opgewaardeerd",
    "paid": "{amount} betaald",
    "voucher_named": "{voucher} ingewisseld",
    "voucher_done": "Voucher ingewisseld",
    "reward": "Beloning ontvangen",
    "done": "Klaar",
    "close": "Sluiten",
    "amount": "In te wisselen bedrag",
    "delete": "Wissen",
    "confirm": "Verder",
    "error": "Dat is niet gelukt",
    "error_unknown": "Er ging iets mis. Probeer het opnieuw.",
    "error_connection": "De verbinding viel weg. Als er een sessie is gestart, verschijnt die vanzelf.",
    "offline": "Geen verbinding",
    "offline_text": "Home Assistant is niet bereikbaar. Dit scherm komt vanzelf terug.",
    "unavailable": "Nu niet beschikbaar",
    "unavailable_text": "Dit scherm komt vanzelf terug.",
    "missing": "Scherm niet gevonden",
    "missing_text": "Het is verwijderd, of de entiteiten zijn uitgeschakeld. Kies een ander scherm in de instellingen van de kaart.",
    "unset": "Geen scherm gekozen",
    "unset_text": "Kies een Piggy-scherm in de instellingen van de kaart.",
    "label_device_id": "Scherm",
    "label_title": "Titel",
    "label_session_types": "Knoppen",
    "label_show_link": "Link tonen",
    "helper_title": "Komt in plaats van de naam van de winkel.",
    "helper_session_types": "Wat klanten hier kunnen starten, in deze volgorde. Zonder knoppen toont de kaart alleen wat elders wordt gestart.",
    "helper_show_link": "Toont het adres van de sessie als tekst, voor wie niet kan scannen.",
    "config_device_id": "device_id ontbreekt: kies een Piggy-scherm.",
    "config_text": "{key} moet een tekst zijn.",
    "config_bool": "{key} moet true of false zijn.",
    "config_types": "session_types moet een lijst zijn van: {types}."
  },
  "de": {
    "name": "Piggy-Bildschirm",
    "description": "Startet Piggy-Sitzungen auf einem Bildschirm, zeigt den QR-Code und dankt dem Kunden.",
    "credit_reception": "Punkte sammeln",
    "redeem_giftcard": "Geschenkkarte einlösen",
    "top_up_giftcard": "Geschenkkarte aufladen",
    "voucher": "Gutschein einlösen",
    "portal": "Portal öffnen",
    "pay_prepaid": "Mit Prepaid-Guthaben bezahlen",
    "top_up_prepaid": "Prepaid-Guthaben aufladen",
    "session": "Sitzung",
    "choose": "Was möchten Sie tun?",
    "starting": "Einen Moment…",
    "scan": "Scannen Sie diesen Code mit dem Handy",
    "valid": "Gültig noch",
    "code": "QR-Code: {purpose}",
    "loading": "Der Code kommt gleich…",
    "retrying": "Der Code lässt sich nicht laden. Neuer Versuch…",
    "no_code": "Der QR-Code dieses Bildschirms ist in Home Assistant deaktiviert.",
    "cancel": "Abbrechen",
    "identified": "Willkommen!",
    "identified_text": "Wir haben Sie erkannt. Weiter geht es auf Ihrem Handy.",
    "thanks": "Vielen Dank!",
    "credits_one": "{credits} Punkt gesammelt",
    "credits_other": "{credits} Punkte gesammelt",
    "redeemed": "{amount} eingelöst",
    "topped_up": "{amount} aufgeladen",
    "paid": "{amount} bezahlt",
    "voucher_named": "{voucher} eingelöst",
    "voucher_done": "Gutschein eingelöst",
    "reward": "Prämie erhalten",
    "done": "Erledigt",
    "close": "Schließen",
    "amount": "Einzulösender Betrag",
    "delete": "Löschen",
    "confirm": "Weiter",
    "error": "Das hat nicht geklappt",
    "error_unknown": "Etwas ist schiefgelaufen. Bitte noch einmal versuchen.",
    "error_connection": "Die Verbindung ist abgebrochen. Falls eine Sitzung gestartet wurde, erscheint sie von selbst.",
    "offline": "Keine Verbindung",
    "offline_text": "Home Assistant ist nicht erreichbar. Dieser Bildschirm kommt von selbst zurück.",
    "unavailable": "Gerade nicht verfügbar",
    "unavailable_text": "Dieser Bildschirm kommt von selbst zurück.",
    "missing": "Bildschirm nicht gefunden",
    "missing_text": "Er wurde entfernt, oder seine Entitäten sind deaktiviert. Wähle in den Einstellungen der Karte einen anderen.",
    "unset": "Kein Bildschirm gewählt",
    "unset_text": "Wähle in den Einstellungen der Karte einen Piggy-Bildschirm.",
    "label_device_id": "Bildschirm",
    "label_title": "Titel",
    "label_session_types": "Schaltflächen",
    "label_show_link": "Link anzeigen",
    "helper_title": "Steht anstelle des Namens des Geschäfts.",
    "helper_session_types": "Was Kunden hier starten können, in dieser Reihenfolge. Ohne Schaltflächen zeigt die Karte nur, was anderswo gestartet wird.",
    "helper_show_link": "Zeigt die Adresse der Sitzung als Text, für alle, die nicht scannen können.",
    "config_device_id": "device_id fehlt: Wähle einen Piggy-Bildschirm.",
    "config_text": "{key} muss ein Text sein.",
    "config_bool": "{key} muss true oder false sein.",
    "config_types": "session_types muss eine Liste sein aus: {types}."
  },
  "fr": {
    "name": "Écran Piggy",
    "description": "Lance des sessions Piggy sur un écran, affiche leur code QR et remercie le client.",
    "credit_reception": "Cumuler des points",
    "redeem_giftcard": "Utiliser une carte cadeau",
    "top_up_giftcard": "Recharger une carte cadeau",
    "voucher": "Utiliser un bon",
    "portal": "Ouvrir le portail",
    "pay_prepaid": "Payer avec le solde prépayé",
    "top_up_prepaid": "Recharger le solde prépayé",
    "session": "Session",
    "choose": "Que souhaitez-vous faire ?",
    "starting": "Un instant…",
    "scan": "Scannez ce code avec votre téléphone",
    "valid": "Encore valable",
    "code": "Code QR : {purpose}",
    "loading": "Le code arrive…",
    "retrying": "Le code ne peut pas être chargé. Nouvel essai…",
    "no_code": "Le code QR de cet écran est désactivé dans Home Assistant.",
    "cancel": "Annuler",
    "identified": "Bienvenue !",
    "identified_text": "Nous vous avons reconnu. Continuez sur votre téléphone.",
    "thanks": "Merci !",
    "credits_one": "{credits} point gagné",
    "credits_other": "{credits} points gagnés",
    "redeemed": "{amount} utilisés",
    "topped_up": "{amount} ajoutés",
    "paid": "{amount} payés",
    "voucher_named": "{voucher} : utilisé",
    "voucher_done": "Bon utilisé",
    "reward": "Récompense reçue",
    "done": "C’est fait",
    "close": "Fermer",
    "amount": "Montant à utiliser",
    "delete": "Effacer",
    "confirm": "Continuer",
    "error": "Cela n’a pas fonctionné",
    "error_unknown": "Une erreur s’est produite. Réessayez.",
    "error_connection": "La connexion a été interrompue. Si une session a été lancée, elle s’affichera d’elle-même.",
    "offline": "Pas de connexion",
    "offline_text": "Home Assistant est injoignable. Cet écran reviendra de lui-même.",
    "unavailable": "Indisponible pour le moment",
    "unavailable_text": "Cet écran reviendra de lui-même.",
    "missing": "Écran introuvable",
    "missing_text": "Il a été supprimé, ou ses entités sont désactivées. Choisissez un autre écran dans les réglages de la carte.",
    "unset": "Aucun écran choisi",
    "unset_text": "Choisissez un écran Piggy dans les réglages de la carte.",
    "label_device_id": "Écran",
    "label_title": "Titre",
    "label_session_types": "Boutons",
    "label_show_link": "Afficher le lien",
    "helper_title": "Remplace le nom du magasin.",
    "helper_session_types": "Ce que les clients peuvent lancer ici, dans cet ordre. Sans bouton, la carte n’affiche que ce qui est lancé ailleurs.",
    "helper_show_link": "Affiche l’adresse de la session en texte, pour qui ne peut pas scanner.",
    "config_device_id": "device_id est absent : choisissez un écran Piggy.",
    "config_text": "{key} doit être un texte.",
    "config_bool": "{key} doit être true ou false.",
    "config_types": "session_types doit être une liste parmi : {types}."
  },
  "es": {
    "name": "Pantalla Piggy",
    "description": "Inicia sesiones de Piggy en una pantalla, muestra su código QR y da las gracias al cliente.",
    "credit_reception": "Acumular puntos",
    "redeem_giftcard": "Canjear tarjeta regalo",
    "top_up_giftcard": "Recargar tarjeta regalo",
    "voucher": "Canjear vale",
    "portal": "Abrir portal",
    "pay_prepaid": "Pagar con saldo prepago",
    "top_up_prepaid": "Recargar saldo prepago",
    "session": "Sesión",
    "choose": "¿Qué quieres hacer?",
    "starting": "Un momento…",
    "scan": "Escanea este código con el móvil",
    "valid": "Válido durante",
    "code": "Código QR: {purpose}",
    "loading": "El código está en camino…",
    "retrying": "No se puede cargar el código. Reintentando…",
    "no_code": "El código QR de esta pantalla está desactivado en Home Assistant.",
    "cancel": "Cancelar",
    "identified": "¡Hola!",
    "identified_text": "Te hemos reconocido. Continúa en el móvil.",
    "thanks": "¡Gracias!",
    "credits_one": "{credits} punto conseguido",
    "credits_other": "{credits} puntos conseguidos",
    "redeemed": "{amount} canjeados",
    "topped_up": "{amount} añadidos",
    "paid": "{amount} pagados",
    "voucher_named": "{voucher}: canjeado",
    "voucher_done": "Vale canjeado",
    "reward": "Recompensa recibida",
    "done": "Listo",
    "close": "Cerrar",
    "amount": "Importe que canjear",
    "delete": "Borrar",
    "confirm": "Continuar",
    "error": "No ha funcionado",
    "error_unknown": "Algo ha ido mal. Inténtalo de nuevo.",
    "error_connection": "Se cortó la conexión. Si se inició una sesión, aparecerá por sí sola.",
    "offline": "Sin conexión",
    "offline_text": "No se puede acceder a Home Assistant. Esta pantalla volverá por sí sola.",
    "unavailable": "No disponible en este momento",
    "unavailable_text": "Esta pantalla volverá por sí sola.",
    "missing": "Pantalla no encontrada",
    "missing_text": "Se eliminó, o sus entidades están deshabilitadas. Elige otra pantalla en los ajustes de la tarjeta.",
    "unset": "Ninguna pantalla elegida",
    "unset_text": "Elige una pantalla Piggy en los ajustes de la tarjeta.",
    "label_device_id": "Pantalla",
    "label_title": "Título",
    "label_session_types": "Botones",
    "label_show_link": "Mostrar el enlace",
    "helper_title": "Aparece en lugar del nombre de la tienda.",
    "helper_session_types": "Lo que los clientes pueden iniciar aquí, en este orden. Sin botones, la tarjeta solo muestra lo que se inicia en otro lugar.",
    "helper_show_link": "Muestra la dirección de la sesión como texto, para quien no puede escanear.",
    "config_device_id": "Falta device_id: elige una pantalla Piggy.",
    "config_text": "{key} debe ser un texto.",
    "config_bool": "{key} debe ser true o false.",
    "config_types": "session_types debe ser una lista de: {types}."
  }
} /* end of words */;

/**
 * `--u` is a hundredth of the view's shorter side: type and space grow with the screen.
 * The code's plate is white and left alone by themes, dark modes and forced colours.
 */
const STYLES = `
:host {
  display: block;
  height: 100%;
  --piggy-surface: var(--ha-card-background, var(--card-background-color, #fff));
  --piggy-text: var(--primary-text-color, #141414);
  --piggy-quiet: var(--secondary-text-color, #5e5e5e);
  --piggy-primary: var(--primary-color, #009ac7);
  --piggy-on-primary: var(--text-primary-color, #fff);
  --piggy-success: var(--success-color, #43a047);
  --piggy-error: var(--error-color, #db4437);
  --piggy-tint: color-mix(in srgb, var(--piggy-primary) 13%, transparent);
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
ha-card { display: flex; height: 100%; overflow: hidden;
  min-height: min(360px, 100dvh - var(--header-height, 56px));
  color: var(--piggy-text); }
.frame { flex: 1; position: relative; display: flex; flex-direction: column; min-width: 0; container-type: size; }
.screen { flex: 1; min-height: 0; container-type: size; }
.view {
  --u: max(3.2px, 1cqmin);
  --pad: calc(var(--u) * 5);
  display: flex; flex-direction: column; align-items: center;
  justify-content: safe center; gap: calc(var(--u) * 3.5);
  width: 100%; height: 100%; padding: var(--pad);
  text-align: center; outline: none; overflow: hidden auto;
}
h2, p { margin: 0; overflow-wrap: break-word; text-wrap: balance; max-width: 100%; }
h2 { font-size: max(24px, calc(var(--u) * 7)); line-height: 1.12; font-weight: 700;
  letter-spacing: -0.015em; }
p { font-size: max(16px, calc(var(--u) * 3.4)); line-height: 1.35; color: var(--piggy-quiet); }
.head { display: flex; flex-direction: column; gap: calc(var(--u) * 1.2); align-items: center;
  max-width: 100%; }
.over { font-weight: 600; color: var(--piggy-text); opacity: .72; }

button {
  font: inherit; font-weight: 600; color: inherit; cursor: pointer;
  border: 2px solid transparent; border-radius: calc(var(--u) * 2.6);
  min-height: max(48px, calc(var(--u) * 8.5)); padding: calc(var(--u) * 1.4) calc(var(--u) * 4);
  font-size: max(16px, calc(var(--u) * 3.3)); line-height: 1.2;
  background: var(--piggy-tint);
  touch-action: manipulation; -webkit-tap-highlight-color: transparent; user-select: none;
}
button:focus-visible { outline: max(3px, calc(var(--u) * .5)) solid var(--piggy-primary);
  outline-offset: 3px; }
button:active { background: color-mix(in srgb, var(--piggy-primary) 28%, transparent); }
button:disabled { cursor: default; opacity: .45; }
button.primary { background: var(--piggy-primary); color: var(--piggy-on-primary);
  font-size: max(19px, calc(var(--u) * 3.3)); font-weight: 700; }
button.primary:active { filter: brightness(.9); }
button.plain { background: transparent;
  border-color: color-mix(in srgb, var(--piggy-text) 45%, transparent); }
@media (hover: hover) {
  button:not(:disabled, .primary):hover {
    background: color-mix(in srgb, var(--piggy-primary) 20%, transparent); }
}

.types { flex: 0 1 calc(var(--tall-rows) * var(--u) * 34); min-height: min-content;
  display: grid; grid-auto-rows: 1fr; gap: calc(var(--u) * 2.4); width: 100%;
  grid-template-columns: repeat(calc(var(--tall) * var(--tall-last)), minmax(0, 1fr)); }
.types button { grid-column: span var(--tall-last); }
.types button.last-tall { grid-column: span var(--tall); }
.types button {
  display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: calc(var(--u) * 2.2); padding: calc(var(--u) * 2) calc(var(--u) * 2);
  min-height: max(64px, calc(var(--u) * 21)); border-radius: calc(var(--u) * 4);
  font-size: max(16px, calc(var(--u) * 3.7)); overflow-wrap: break-word; hyphens: auto;
}
.types span { min-width: 0; max-width: 100%; overflow-wrap: anywhere; }
.disc { display: grid; place-items: center; flex: none; border-radius: 50%;
  width: max(40px, calc(var(--u) * 11)); height: max(40px, calc(var(--u) * 11));
  --mdc-icon-size: max(22px, calc(var(--u) * 6));
  background: var(--piggy-primary); color: var(--piggy-on-primary); }
.disc.large { --mdc-icon-size: max(56px, calc(var(--u) * 15));
  width: max(96px, calc(var(--u) * 26)); height: max(96px, calc(var(--u) * 26)); }
.unreachable { width: 55%; }
.unreachable path { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; }
.disc.success { background: var(--piggy-success); color: #fff; }
.disc.trouble { background: var(--piggy-tint); color: var(--piggy-quiet); }

.code { gap: calc(var(--u) * 2.5); }
.stage { flex: 0 1 calc(100cqw - 2 * var(--pad)); align-self: stretch; min-height: 120px; min-width: 0;
  container-type: size; display: grid; place-items: center; }
.plate {
  display: grid; place-items: center; width: min(100cqw, 100cqh); aspect-ratio: 1;
  padding: 1.5%; border-radius: 3%; background: #fff; color: #333;
  forced-color-adjust: none; color-scheme: only light; filter: none;
  box-shadow: 0 0 0 1px rgba(0, 0, 0, .1), 0 4px 24px rgba(0, 0, 0, .08);
}
.plate > * { grid-area: 1 / 1; }
.plate p { color: #333; padding: 8%; }
.plate img { display: block; width: 100%; height: 100%; object-fit: contain;
  image-rendering: pixelated; background: #fff; filter: none; }
.aside { display: contents; }
.foot { display: flex; align-items: center; justify-content: space-between;
  gap: calc(var(--u) * 3); width: 100%; }
.foot > button:only-child { margin: 0 auto; }
.time { text-align: start; min-width: 0; }
.time span { display: block; font-size: max(14px, calc(var(--u) * 2.6));
  color: var(--piggy-quiet); }
.time b { display: block; font-size: max(22px, calc(var(--u) * 5.6)); line-height: 1.15;
  font-variant-numeric: tabular-nums; }
.bar { height: max(4px, calc(var(--u) * .7)); width: 100%; flex: none; overflow: hidden;
  border-radius: 99px; background: var(--piggy-tint); }
.bar i { display: block; height: 100%; background: var(--piggy-primary);
  transform-origin: left; border-radius: inherit; }
:dir(rtl) .bar i { transform-origin: right; }
.link { font-family: var(--ha-font-family-code, monospace); overflow-wrap: anywhere;
  font-size: max(13px, calc(var(--u) * 2)); user-select: text; text-wrap: wrap; }

.happened h2 { font-size: max(32px, calc(var(--u) * 10)); }
.happened .line { font-size: max(22px, calc(var(--u) * 6)); line-height: 1.2;
  font-weight: 600; color: var(--piggy-text); }

.keypad { gap: calc(var(--u) * 2.5); --key-gap: calc(var(--u) * 1.8); }
.keypad .choice { order: 1; }
.keypad h2 { font-size: max(18px, calc(var(--u) * 4.2)); }
.amount { font-size: max(34px, calc(var(--u) * 11)); line-height: 1.1; font-weight: 700;
  color: var(--piggy-text); font-variant-numeric: tabular-nums; white-space: nowrap; }
.keys { flex: 1 1 0; min-height: 200px; width: 100%; max-width: calc(var(--u) * 110);
  display: grid; grid: repeat(4, minmax(0, 1fr)) / repeat(3, minmax(0, 1fr));
  gap: var(--key-gap); }
.keys button { min-height: 0; padding: 0; font-size: max(22px, calc(var(--u) * 5.5));
  --mdc-icon-size: max(24px, calc(var(--u) * 6)); display: grid; place-items: center; }
.choice { display: flex; gap: var(--key-gap); width: 100%; max-width: calc(var(--u) * 110); }
.choice button { flex: 1; }

.error { --u: max(3.2px, 1cqmin); flex: none; display: flex; align-items: center;
  gap: calc(var(--u) * 2.5); max-height: 50%; overflow: auto;
  margin: 0 calc(var(--u) * 3) calc(var(--u) * 3); padding: calc(var(--u) * 2.5);
  border-radius: calc(var(--u) * 2.6); border: 2px solid var(--piggy-error);
  background: var(--card-background-color, #fff);
  --mdc-icon-size: max(28px, calc(var(--u) * 6)); }
.error > div { flex: 1; min-width: 0; }
.error p { text-wrap: pretty; color: var(--piggy-text);
  font-size: max(15px, calc(var(--u) * 2.7)); }
.error p:first-child { font-weight: 700; }
.error ha-icon { color: var(--piggy-error); flex: none; }
.error button { flex: none; background: transparent; border-color: var(--piggy-error);
  padding-inline: max(12px, calc(var(--u) * 2)); }
.announcer { position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); white-space: nowrap; }

@container (min-aspect-ratio: 4/3) {
  .view.code { flex-direction: row; gap: calc(var(--u) * 6); }
  .code .stage { flex: 0 0 min(100cqh - 2 * var(--pad), 60cqw); align-self: stretch; }
  .code .aside { flex: 1; min-width: 0; display: flex; flex-direction: column;
    justify-content: center; align-items: flex-start; text-align: start;
    gap: calc(var(--u) * 3.5); }
  .code .head { align-items: flex-start; }
  .code .foot { flex-direction: column; align-items: stretch; order: 1;
    gap: calc(var(--u) * 4); }
  .code .foot > button:only-child { margin: 0; }
  .code .time b { font-size: max(26px, calc(var(--u) * 9)); }
  .view.keypad { flex-direction: row; gap: var(--pad); align-items: stretch; }
  .keypad .aside { flex: 1 1 0; display: flex; flex-direction: column; min-width: 0;
    align-items: center; justify-content: center; gap: calc(var(--u) * 3); }
  .keypad .keys { height: 100%; min-height: 0; }
  .keypad .choice { flex-wrap: wrap; margin-top: calc(var(--u) * 3); }
}
@container (min-aspect-ratio: 4/3) and (min-width: 560px) {
  .types { flex-basis: calc(var(--wide-rows) * var(--u) * 34);
    grid-template-columns: repeat(calc(var(--wide) * var(--wide-last)), minmax(0, 1fr)); }
  .types button, .types button.last-tall { grid-column: span var(--wide-last); }
  .types button.last-wide { grid-column: span var(--wide); }
}
@container (max-height: 430px) or ((max-height: 560px) and (max-width: 480px)) {
  .view { --pad: calc(var(--u) * 4); gap: calc(var(--u) * 2.4); }
  .types button { flex-direction: row; min-height: max(48px, calc(var(--u) * 12));
    text-align: start; }
  .types .disc { width: 36px; height: 36px; --mdc-icon-size: 20px; }
}
@container (max-width: 560px) and (max-height: 560px) {
  .types button { justify-content: flex-start; padding-block: 4px; }
}
@container (max-width: 560px) and (max-height: 430px) {
  .view.crowded .head p, .link { display: none; }
  .disc.large { --mdc-icon-size: 40px; width: 72px; height: 72px; }
}
@container (max-width: 380px) {
  .types button { flex-direction: column; text-align: center; justify-content: center;
    gap: 4px; padding-inline: 4px; }
  .types .disc { width: 28px; height: 28px; --mdc-icon-size: 16px; }
}
@container (max-width: 300px) {
  .types button { font-size: 14px; }
}
@container (max-width: 420px) {
  .amount { font-size: min(11cqw, 44px); }
  .error ha-icon { display: none; }
}
@container (max-height: 520px) {
  .error { position: absolute; inset: auto 0 0; max-height: 90%; }
}
@media (forced-colors: active) {
  button, .error { border-color: ButtonText; }
  button.primary { border-color: Highlight; }
  .disc { background: none; color: CanvasText; }
  .bar { border: 1px solid CanvasText; }
  .bar i { background: CanvasText; forced-color-adjust: none; }
}
@media (prefers-reduced-motion: no-preference) {
  .bar i { transition: transform 1s linear; }
  button { transition: background-color .12s; }
  .view:not(.code) { animation: appear .25s ease-out; }
  .happened .disc { animation: pop .45s cubic-bezier(.2, 1.4, .4, 1); }
  .busy .disc { animation: pulse 1s ease-in-out infinite alternate; }
}
@keyframes appear { from { opacity: 0; } }
@keyframes pop { from { transform: scale(.4); } }
@keyframes pulse { to { transform: scale(.85); } }
`;

// ---------------------------------------------------------------- words and numbers

/**
 * Return what is said in a language, English where it lacks words.
 * @param {string | undefined} language a language tag
 */
function wordsOf(language) {
  const tag = language || "en";
  return { ...WORDS.en, ...(WORDS[tag] ?? WORDS[tag.split("-")[0]]) };
}

/** Return the words of the page's user, for where no hass is at hand. */
const pageWords = () => wordsOf(document.documentElement.lang || navigator.language);

/** Return a text with its {placeholders} filled in. */
const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Return a text that a screen reader pauses after. */
const sentence = (text) => (/[.!?…]$/.test(text) ? text : `${text}.`);

/** Return the locale in which a user reads numbers. */
function numberLocale(hass) {
  const format = hass.locale?.number_format;
  return format in NUMBER_LOCALES ? NUMBER_LOCALES[format] : hass.language;
}

/** Return an amount of money as the user reads it. */
function money(hass, cents) {
  return new Intl.NumberFormat(numberLocale(hass), {
    style: "currency",
    currency: hass.config?.currency || "EUR",
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  }).format(cents / 100);
}

/** Return a span of time as h:mm:ss or m:ss, in the user's digits. */
function clock(hass, milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  if (seconds >= 3600) parts.unshift(Math.floor(seconds / 3600));
  return parts
    .map((part, index) =>
      new Intl.NumberFormat(hass.language, {
        minimumIntegerDigits: index ? 2 : 1,
        useGrouping: false,
      }).format(part),
    )
    .join(":");
}

/**
 * Return what is said of an event that completed a session.
 * @param {object} event attributes of the event entity
 * @param {string} type the session's type
 */
function toldLine(hass, words, event, type) {
  const told = {
    credits: event.credits,
    word: (key) => words[key],
    plural: (key, count) => {
      if (typeof count !== "number") return words.done;
      const rule = new Intl.PluralRules(hass.language).select(count);
      return fill(words[`${key}_${rule}`] ?? words[`${key}_other`], {
        [key]: new Intl.NumberFormat(numberLocale(hass)).format(count),
      });
    },
    amount: (spendingType, spent) => {
      const cents = event.amount_in_cents;
      if (typeof cents !== "number") return words.done;
      const key = type === spendingType || cents < 0 ? spent : "topped_up";
      return fill(words[key], { amount: money(hass, Math.abs(cents)) });
    },
    voucher: () =>
      event.voucher_name
        ? fill(words.voucher_named, { voucher: event.voucher_name })
        : words.voucher_done,
  };
  return TOLD[event.event_type]?.(told) ?? words.done;
}

/**
 * Return an action's error in words, in the user's language where the hub has it.
 * @param {object} error what callService rejected with
 */
async function errorText(hass, words, error) {
  if (error?.error?.code === CONNECTION_LOST || hass.connected === false) {
    return words.error_connection;
  }
  const fallback = error?.message || words.error_unknown;
  const { translation_domain: domain, translation_key: key } = error ?? {};
  if (!key || !hass.loadBackendTranslation) return fallback;
  try {
    const localize = await hass.loadBackendTranslation("exceptions", domain);
    return (
      localize(
        `component.${domain}.exceptions.${key}.message`,
        error.translation_placeholders ?? undefined,
      ) || fallback
    );
  } catch {
    return fallback;
  }
}

// ------------------------------------------------------------------ configuration

/** Throw what is wrong with a configuration; one without a screen is unfinished only. */
function assertConfig(config) {
  const words = pageWords();
  for (const key of ["device_id", "title"]) {
    if (config[key] != null && typeof config[key] !== "string") {
      throw new Error(fill(words.config_text, { key }));
    }
  }
  if (config.show_link != null && typeof config.show_link !== "boolean") {
    throw new Error(fill(words.config_bool, { key: "show_link" }));
  }
  const types = config.session_types ?? [];
  if (!Array.isArray(types) || types.some((type) => !Object.hasOwn(TYPES, type))) {
    const known = Object.keys(TYPES).join(", ");
    throw new Error(fill(words.config_types, { types: known }));
  }
}

/** Return the card's form in the visual editor. */
function configForm() {
  const words = pageWords();
  const options = Object.keys(TYPES).map((value) => ({ value, label: words[value] }));
  return {
    schema: [
      {
        name: "device_id",
        required: true,
        selector: { device: { filter: [{ integration: DOMAIN }] } },
      },
      { name: "title", selector: { text: {} } },
      {
        name: "session_types",
        selector: { select: { multiple: true, reorder: true, options } },
      },
      { name: "show_link", selector: { boolean: {} } },
    ],
    computeLabel: (schema) => words[`label_${schema.name}`] ?? schema.name,
    computeHelper: (schema) => words[`helper_${schema.name}`],
    assertConfig,
  };
}

/** Return the configuration of a new card: of a screen, the first one if none is given. */
function stubConfig(hass, deviceId) {
  const screen =
    deviceId ??
    Object.values(hass?.entities ?? {}).find(
      (entity) => entity.platform === DOMAIN && entity.device_id,
    )?.device_id;
  return { device_id: screen ?? "", session_types: [...USUAL_TYPES] };
}

// -------------------------------------------------------------- what the hub knows

/**
 * Return the entity ids of a screen, by `<domain>.<translation key>`.
 * @returns {Record<string, string>}
 */
function findEntities(hass, deviceId) {
  const found = {};
  for (const entity of Object.values(hass.entities ?? {})) {
    if (entity.device_id === deviceId && entity.platform === DOMAIN) {
      const [domain] = entity.entity_id.split(".");
      found[`${domain}.${entity.translation_key}`] = entity.entity_id;
    }
  }
  return found;
}

/** Return a state object that says something, or undefined. */
function known(state) {
  return state && !["unavailable", "unknown"].includes(state.state) ? state : undefined;
}

/** Return the moment of a timestamp entity in milliseconds, or undefined. */
function moment(state) {
  const time = Date.parse(known(state)?.state ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/** Return the code's picture: `token` changes with the session, `url` more often. */
function picture(hass, image) {
  const path = known(image)?.attributes.entity_picture;
  if (!path) return undefined;
  const token = image.state;
  const url = `${path}${path.includes("?") ? "&" : "?"}state=${encodeURIComponent(token)}`;
  return { token, url: hass.hassUrl ? hass.hassUrl(url) : url };
}

// ------------------------------------------------------------------------- the DOM

/** Return an element; properties by name, attributes where a name has a dash or `role`. */
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

const icon = (name) => el("ha-icon", { icon: name, "aria-hidden": "true" });

const disc = (content, kind = "") =>
  el("div", { className: `disc ${kind}`, "aria-hidden": "true" }, content);

/** Return the sign of a hub that is gone: `ha-icon` would ask that very hub for it. */
function unreachable() {
  const sign = el("div", { className: "unreachable" });
  sign.innerHTML = `<svg viewBox="0 0 24 24"><path d="M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8
    0 0 1 11 0M10 16.5a3 3 0 0 1 4 0M12 20h.01M4 3l16 18"/></svg>`;
  return sign;
}

const button = (action, label, properties = {}) =>
  el("button", { type: "button", textContent: label, "data-action": action, ...properties });

/** The code's picture: of one session, hidden until it is there, tried until it is. */
class CodePicture {
  #image = null;
  #timer = 0;
  #token;
  #url;
  #failures = 0;
  #words = WORDS.en;
  #alt = "";
  #text = el("p", { "data-part": "code-text" });

  /** The plate, to be put where there is room. */
  node = el("div", { className: "plate", "data-part": "code" }, this.#text);

  /** Show a picture; the same token is the same picture, whatever its url. */
  show(wanted, alt, words) {
    this.#words = words;
    this.#alt = alt;
    if (wanted?.token !== this.#token) this.stop();
    const renewed = wanted?.url !== this.#url;
    this.#token = wanted?.token;
    this.#url = wanted?.url;
    if (this.#url && (!this.#image || (renewed && this.#failures))) this.#load();
    this.#tell();
  }

  /** Show nothing, and load nothing. */
  stop() {
    clearTimeout(this.#timer);
    this.#image?.remove();
    this.#image = null;
    this.#token = this.#url = undefined;
    this.#failures = 0;
  }

  #load() {
    clearTimeout(this.#timer);
    this.#image?.remove();
    const image = el("img", { hidden: true, draggable: false, "data-part": "code-image" });
    image.onload = () => image === this.#image && this.#loaded();
    image.onerror = () => image === this.#image && this.#failed();
    this.#image = image;
    this.node.append(image);
    image.src = this.#url;
  }

  #loaded() {
    this.#failures = 0;
    this.#image.hidden = false;
    this.#tell();
  }

  #failed() {
    const wait = RETRY_MS[Math.min(this.#failures, RETRY_MS.length - 1)];
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#load(), wait);
    this.#tell();
  }

  #tell() {
    const ready = this.#image?.hidden === false;
    if (this.#image) this.#image.alt = this.#alt;
    const state = ready ? "ready" : this.#failures ? "failed" : "loading";
    this.node.dataset.state = this.#url ? state : "missing";
    const text = { ready: "", failed: "retrying", loading: "loading", missing: "no_code" };
    this.#text.textContent = this.#words[text[this.node.dataset.state]] ?? "";
    this.#text.hidden = ready;
  }
}

/** Return the top of a view. */
const head = (title, text, over) =>
  el(
    "div",
    { className: "head" },
    over && el("p", { className: "over", textContent: over, "data-part": "subheading" }),
    el("h2", { textContent: title, "data-part": "heading" }),
    text && el("p", { textContent: text, "data-part": "text" }),
  );

/**
 * The views: each makes its DOM of a model.
 * @type {Record<string, (model: object, words: object, card: PiggyScreenCard) => Node[]>}
 */
const VIEWS = {
  idle: ({ heading, over, types, busy }, words) => [
    head(heading, types.length ? words.choose : "", over),
    types.length ? typeButtons(types, busy, words) : null,
  ],

  keypad: ({ busy }, words, card) => [
    el(
      "div",
      { className: "aside" },
      el("h2", { textContent: words.amount }),
      el("p", {
        className: "amount",
        role: "status",
        "data-part": "amount",
        textContent: card.amountText,
      }),
      choice(words, busy),
    ),
    keys(words, busy),
  ],

  code: ({ purpose, text, expires, link }, words, card) => [
    el("div", { className: "stage" }, card.code.node),
    el(
      "div",
      { className: "aside" },
      head(purpose, text),
      link && el("p", { className: "link", textContent: link, "data-part": "link" }),
      expires && el("div", { className: "bar", "aria-hidden": "true" }, el("i")),
      el(
        "div",
        { className: "foot" },
        expires && countdown(words),
        button("cancel", words.cancel, { className: "plain" }),
      ),
    ),
  ],

  identified: (_model, words) => [
    disc(icon("mdi:account-check"), "large"),
    head(words.identified, words.identified_text),
    button("cancel", words.cancel, { className: "plain" }),
  ],

  completed: ({ line }, words) => [
    disc(icon("mdi:check-bold"), "large success"),
    el("h2", { textContent: words.thanks, "data-part": "heading" }),
    el("p", { className: "line", textContent: line, "data-part": "line" }),
    button("cancel", words.close, { className: "plain" }),
  ],

  trouble: ({ kind, icon: name }, words) => [
    disc(kind === "offline" ? unreachable() : icon(name), "large trouble"),
    head(words[kind], words[`${kind}_text`]),
  ],
};

function typeButtons(types, busy, words) {
  const list = el("div", { className: "types", role: "group", "aria-label": words.choose });
  const starts = types.map((type) =>
    el(
      "button",
      {
        type: "button",
        "data-action": "start",
        "data-type": type,
        disabled: Boolean(busy),
        className: busy === type ? "busy" : "",
      },
      disc(icon(TYPES[type])),
      el("span", { textContent: busy === type ? words.starting : words[type] }),
    ),
  );
  list.append(...starts);
  for (const [shape, columns] of Object.entries(COLUMNS)) {
    layOut(list, starts, shape, columns[starts.length]);
  }
  return list;
}

/** Have the last row's buttons fill it: a row is divided by what both kinds need. */
function layOut(list, starts, shape, columns) {
  const inLast = starts.length % columns || columns;
  list.style.setProperty(`--${shape}`, columns);
  list.style.setProperty(`--${shape}-last`, inLast);
  list.style.setProperty(`--${shape}-rows`, Math.ceil(starts.length / columns));
  for (const last of starts.slice(-inLast)) last.classList.add(`last-${shape}`);
}

function keys(words, busy) {
  const key = (value) =>
    button("digit", value, { "data-key": value, disabled: Boolean(busy) });
  const erase = el(
    "button",
    {
      type: "button",
      "data-action": "delete",
      "aria-label": words.delete,
      disabled: Boolean(busy),
    },
    icon("mdi:backspace-outline"),
  );
  const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "00", "0"];
  return el("div", { className: "keys" }, ...digits.map(key), erase);
}

const choice = (words, busy) =>
  el(
    "div",
    { className: "choice" },
    button("back", words.cancel, { className: "plain", disabled: Boolean(busy) }),
    button("confirm", busy ? words.starting : words.confirm, { className: "primary" }),
  );

const countdown = (words) =>
  el(
    "div",
    { className: "time", role: "timer", "aria-live": "off" },
    el("span", { textContent: words.valid }),
    el("b", { "data-part": "countdown" }),
  );

// ------------------------------------------------------------------------ the card

/** The custom element; Home Assistant sets `hass` and `preview`, and calls setConfig. */
class PiggyScreenCard extends HTMLElement {
  /** @type {CardConfig | undefined} */
  #config;
  #hass;
  #preview = false;
  #entities = {};
  #inputs = [];
  #model = "";
  #view = "";
  #expires;
  #begun;
  #told;
  #status;
  #staleStatus;
  #busy = null;
  #keypad = false;
  #digits = "";
  #error = "";
  #shownError = "";
  #countdownTimer = 0;
  #announceTimer = 0;
  #errorTimer = 0;

  /** The plate of the code, kept from one rendering to the next. */
  code = new CodePicture();

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).innerHTML = `<style>${STYLES}</style>
      <ha-card><div class="frame">
        <div class="screen"></div>
        <div class="error" role="alert" data-part="error" hidden></div>
        <div class="announcer" role="status" aria-live="polite" data-part="announcer"></div>
      </div></ha-card>`;
    this.shadowRoot.addEventListener("click", (event) => this.#onClick(event));
    this.shadowRoot.addEventListener("keydown", (event) => this.#onKey(event));
  }

  static getStubConfig(hass) {
    return stubConfig(hass);
  }

  static getConfigForm() {
    return configForm();
  }

  /**
   * Take a configuration.
   * @param {CardConfig} config
   * @throws {Error} what is wrong with it, for the user to read
   */
  setConfig(config) {
    assertConfig(config);
    if (config.device_id == null) throw new Error(pageWords().config_device_id);
    if (config.device_id !== this.#config?.device_id) this.#forget();
    this.#config = config;
    this.#inputs = [];
    this.#render();
  }

  /** How tall the card is in a masonry view, in units of 50 pixels. */
  getCardSize() {
    return 7;
  }

  /** The card's place in a grid of a sections view. */
  getGridOptions() {
    return { columns: 12, rows: 10, min_columns: 9, min_rows: 6 };
  }

  get hass() {
    return this.#hass;
  }

  /** Take what the hub knows; costs a comparison when nothing of the screen changed. */
  set hass(hass) {
    this.#hass = hass;
    this.#render();
  }

  get preview() {
    return this.#preview;
  }

  /** Take whether the card is only looked at: while a dashboard is edited. */
  set preview(preview) {
    this.#preview = Boolean(preview);
    this.#part(".frame").inert = this.#preview;
  }

  connectedCallback() {
    this.#inputs = [];
    this.#model = "";
    this.#render();
  }

  disconnectedCallback() {
    clearTimeout(this.#countdownTimer);
    clearTimeout(this.#announceTimer);
    clearTimeout(this.#errorTimer);
    this.#error = "";
    this.code.stop();
  }

  /** The amount that was typed so far, as money. */
  get amountText() {
    return money(this.#hass, Number(this.#digits));
  }

  get #words() {
    return wordsOf(this.#hass?.language);
  }

  #part(selector) {
    return this.shadowRoot.querySelector(selector);
  }

  #forget() {
    this.#told = undefined;
    this.#busy = null;
    this.#error = "";
    this.#closeKeypad();
  }

  #closeKeypad() {
    this.#keypad = false;
    this.#digits = "";
  }

  #state(key) {
    return this.#hass.states[this.#entities[key]];
  }

  /** Return whether anything changed that the card shows. */
  #changed() {
    const { connected, language, locale, entities, devices, states, config } = this.#hass;
    const device = devices?.[this.#config.device_id];
    if (entities !== this.#inputs[0] || device !== this.#inputs[1]) {
      this.#entities = findEntities(this.#hass, this.#config.device_id);
    }
    const inputs = [
      entities,
      device,
      connected,
      language,
      locale,
      config?.currency,
      ...Object.values(this.#entities).map((id) => states[id]),
    ];
    const same =
      inputs.length === this.#inputs.length &&
      inputs.every((input, index) => input === this.#inputs[index]);
    this.#inputs = inputs;
    return !same;
  }

  /** Render, where the hub's side of it changed. */
  #render() {
    if (!this.isConnected || !this.#hass || !this.#config || !this.#changed()) return;
    this.#draw();
  }

  /** Draw what is to be seen now, where it is not what stands there. */
  #draw() {
    if (!this.isConnected || !this.#hass || !this.#config) return;
    const model = this.#read();
    const words = this.#words;
    if (model.view === "code") {
      const alt = fill(words.code, { purpose: model.purpose });
      this.code.show(model.picture, alt, words);
    } else {
      this.code.stop();
    }
    this.#expires = model.expires;
    this.#begun = model.begun;
    this.#drawError();
    // The picture takes care of itself: a renewed url is nothing to draw again for.
    const drawn = JSON.stringify([model, this.#hass.language], (key, value) =>
      key === "picture" ? undefined : value,
    );
    if (drawn !== this.#model) {
      this.#model = drawn;
      this.#rebuild(model, words);
    }
    this.#tick();
  }

  /** Return what is to be seen, as plain data with the `view` that shows it. */
  #read() {
    const hass = this.#hass;
    const trouble = this.#trouble();
    if (trouble) {
      this.#closeKeypad();
      return { view: "trouble", ...trouble };
    }
    const status = this.#state("sensor.session_status").state;
    const event = this.#state("event.session")?.attributes ?? {};
    if (status !== "completed") this.#told = undefined;
    else if (Object.hasOwn(TOLD, event.event_type ?? "")) this.#told = event;
    if (status !== this.#status) this.#error = "";
    this.#status = status;
    if (status === "idle") return this.#readIdle();
    this.#closeKeypad();
    const type = known(this.#state("sensor.session_type"))?.state;
    const purpose = this.#words[type] ?? this.#words.session;
    if (status === "completed") {
      const line = toldLine(hass, this.#words, this.#told ?? {}, type);
      return { view: "completed", purpose, line };
    }
    // A session that was opened for a known customer is identified, yet not scanned.
    const scanned = event.event_type && !NOT_SCANNED.includes(event.event_type);
    if (status === "identified" && scanned) return { view: "identified", purpose };
    return this.#readCode(purpose);
  }

  /** Return why the screen cannot be shown, or nothing. */
  #trouble() {
    const { connected, devices } = this.#hass;
    const id = this.#config.device_id;
    if (!id) return { kind: "unset", icon: "mdi:monitor-dashboard" };
    const status = this.#state("sensor.session_status");
    // What was known before the connection broke counts for nothing after it.
    if (connected === false) this.#staleStatus = status;
    else if (status !== this.#staleStatus) this.#staleStatus = undefined;
    if (connected === false || this.#staleStatus) {
      return { kind: "offline" };
    }
    if (!devices?.[id] || !this.#entities["sensor.session_status"]) {
      return { kind: "missing", icon: "mdi:monitor-off" };
    }
    return known(status) ? null : { kind: "unavailable", icon: "mdi:monitor-off" };
  }

  #readIdle() {
    const busy = this.#busy;
    if (this.#keypad) return { view: "keypad", busy };
    const device = this.#hass.devices[this.#config.device_id];
    const screen = device.name_by_user || device.name;
    const heading = this.#config.title || device.model || screen;
    return {
      view: "idle",
      heading,
      over: heading === screen ? "" : screen,
      types: [...new Set(this.#config.session_types ?? USUAL_TYPES)],
      busy,
    };
  }

  #readCode(purpose) {
    const image = this.#state("image.qr_code");
    const url = known(this.#state("sensor.session_url"))?.state;
    return {
      view: "code",
      purpose,
      text: this.#words.scan,
      picture: picture(this.#hass, image),
      begun: moment(image),
      expires: moment(this.#state("sensor.session_expires")),
      link: this.#config.show_link ? url : undefined,
    };
  }

  /** Put a view up, with the focus where it was or on the view that replaced it. */
  #rebuild(model, words) {
    const focused = this.shadowRoot.activeElement;
    const view = el(
      "section",
      { className: `view ${model.view}`, tabIndex: -1, "data-view": model.view },
      ...VIEWS[model.view](model, words, this).filter(Boolean),
    );
    view.classList.toggle("happened", ["completed", "identified"].includes(model.view));
    view.classList.toggle("crowded", model.types?.length > 4);
    if (model.view === this.#view) view.style.animation = "none";
    view.setAttribute("aria-label", model.purpose || model.heading || words.name);
    this.#part(".screen").replaceChildren(view);
    if (model.view === "keypad") this.#drawAmount();
    if (focused && !this.#part("[data-part=error]").contains(focused)) {
      this.#refocus(view, focused);
    }
    this.#view = model.view;
    this.#announce(view);
  }

  #refocus(view, { dataset }) {
    const same = [...view.querySelectorAll("button:not(:disabled)")].find(
      (candidate) =>
        candidate.dataset.action === dataset.action &&
        candidate.dataset.type === dataset.type &&
        candidate.dataset.key === dataset.key,
    );
    (same ?? view).focus({ preventScroll: true });
  }

  /** Say once, to who cannot see it, what stands there now. */
  #announce(view) {
    clearTimeout(this.#announceTimer);
    const said = [...view.querySelectorAll("h2, .head p, .line")];
    const text = said.map((part) => sentence(part.textContent)).join(" ");
    const announcer = this.#part("[data-part=announcer]");
    this.#announceTimer = setTimeout(() => {
      if (announcer.textContent !== text) announcer.textContent = text;
    }, ANNOUNCE_MS);
  }

  #drawError() {
    if (this.#shownError === this.#error) return;
    this.#shownError = this.#error;
    clearTimeout(this.#errorTimer);
    if (this.#error) {
      this.#errorTimer = setTimeout(() => {
        this.#error = "";
        this.#draw();
      }, ERROR_MS);
    }
    const words = this.#words;
    const box = this.#part("[data-part=error]");
    box.hidden = !this.#error;
    box.replaceChildren(
      ...(this.#error
        ? [
            icon("mdi:alert-circle"),
            el(
              "div",
              {},
              el("p", { textContent: words.error }),
              el("p", { textContent: this.#error, "data-part": "error-text" }),
            ),
            button("dismiss", words.close),
          ]
        : []),
    );
  }

  #drawAmount() {
    const amount = this.#part("[data-part=amount]");
    if (!amount) return;
    amount.textContent = this.amountText;
    const confirm = this.#part("[data-action=confirm]");
    confirm.disabled = Boolean(this.#busy) || Number(this.#digits) === 0;
  }

  /** Show the time that is left, and come back when the next second is over. */
  #tick() {
    clearTimeout(this.#countdownTimer);
    const text = this.#part("[data-part=countdown]");
    if (!text || !this.isConnected) return;
    const left = Math.max(0, this.#expires - Date.now());
    text.textContent = clock(this.#hass, left);
    const whole = this.#expires - this.#begun;
    const share = whole > 0 ? Math.min(1, left / whole) : 0;
    this.#part(".bar i").style.transform = `scaleX(${share})`;
    if (left > 0) {
      this.#countdownTimer = setTimeout(() => this.#tick(), left % 1000 || 1000);
    }
  }

  #onClick(event) {
    const target = event.target.closest("[data-action]");
    if (!target || this.#preview) return;
    const { action, type, key } = target.dataset;
    const typing = action === "digit" || action === "delete";
    // The second click of a double click belongs to what stood there before.
    if (event.detail > 1 && !typing) return;
    const act = {
      start: () => this.#start(type),
      digit: () => this.#type(key),
      delete: () => this.#erase(),
      back: () => this.#back(),
      confirm: () => this.#redeem(),
      cancel: () => this.#call("clear", "clear_session", {}),
      dismiss: () => this.#dismiss(),
    };
    act[action]();
    // A key that was touched is not what Enter is meant for.
    if (typing && event.detail > 0) this.#part(".view").focus({ preventScroll: true });
  }

  #onKey(event) {
    if (this.#preview || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = this.#keyAction(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** Return what a key does, or nothing where it is not the card's. */
  #keyAction({ key, target }) {
    if (key === "Escape" && this.#error) return () => this.#dismiss();
    if (this.#view !== "keypad" || this.#busy) return null;
    if (/^\d$/.test(key)) return () => this.#type(key);
    const onButton = target.closest("button");
    return {
      Backspace: () => this.#erase(),
      Delete: () => this.#type(null),
      Escape: () => this.#back(),
      Enter: onButton ? null : () => this.#redeem(),
    }[key];
  }

  /** Add digits to the amount, cents last; null empties it. */
  #type(digits) {
    const typed = digits === null ? "" : `${this.#digits}${digits}`.replace(/^0+/, "");
    if (typed.length <= MAX_DIGITS) this.#digits = typed;
    this.#drawAmount();
  }

  #erase() {
    this.#digits = this.#digits.slice(0, -1);
    this.#drawAmount();
  }

  #back() {
    this.#closeKeypad();
    this.#error = "";
    this.#draw();
    this.#part('[data-type="redeem_giftcard"]')?.focus({ preventScroll: true });
  }

  #dismiss() {
    this.#error = "";
    this.#draw();
    this.#part(".view").focus({ preventScroll: true });
  }

  #start(type) {
    this.#error = "";
    if (type === "redeem_giftcard") {
      this.#keypad = true;
      this.#draw();
      this.#part(".view").focus({ preventScroll: true });
      return;
    }
    this.#call(type, `create_${type}_session`, {});
  }

  #redeem() {
    const cents = Number(this.#digits);
    if (cents === 0) return;
    this.#call("redeem_giftcard", "create_redeem_giftcard_session", {
      amount_in_cents: cents,
    });
  }

  /** Call an action of the screen; its error is shown, in words. */
  async #call(busy, action, data) {
    if (this.#busy) return;
    const { device_id } = this.#config;
    this.#busy = busy;
    this.#error = "";
    this.#draw();
    let error = "";
    try {
      await this.#hass.callService(
        DOMAIN,
        action,
        { device_id, ...data },
        undefined,
        false,
      );
    } catch (reason) {
      error = await errorText(this.#hass, this.#words, reason);
    }
    if (device_id !== this.#config.device_id) return;
    this.#busy = null;
    this.#error = error;
    if (!error) this.#closeKeypad();
    this.#draw();
  }
}

// A newer version that arrives while the page is open waits for the page's next load.
if (!customElements.get(TAG)) {
  customElements.define(TAG, PiggyScreenCard);
  window.customCards = window.customCards || [];
  window.customCards.push({
    type: TAG,
    preview: true,
    get name() {
      return pageWords().name;
    },
    get description() {
      return pageWords().description;
    },
    getEntitySuggestion: (hass, entityId) => {
      const entity = hass.entities?.[entityId];
      return entity?.platform === DOMAIN && entity.device_id
        ? { config: { type: `custom:${TAG}`, ...stubConfig(hass, entity.device_id) } }
        : null;
    },
  });
}
