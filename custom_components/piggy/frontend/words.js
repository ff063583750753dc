/**
 * The card's words, fetched for the languages that are needed.
 *
 * @typedef {typeof import("./words/en.json")} Words
 */

/** The languages of the folder `words`; the first one is the fallback. */
export const LANGUAGES = ["en", "de", "es", "fr", "nl"];

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 300_000;

/** @type {Map<string, Words>} */
const loaded = new Map();
/** @type {Map<string, Promise<Words>>} */
const loading = new Map();

/**
 * Return the language of LANGUAGES that a language tag gets.
 * @param {string | undefined} tag
 */
export function languageOf(tag) {
  const [language] = (tag ?? "").toLowerCase().split("-");
  return LANGUAGES.includes(language) ? language : LANGUAGES[0];
}

/**
 * Return what a language is called in itself.
 * @param {string} tag
 */
export function languageName(tag) {
  const name = new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  return name.charAt(0).toLocaleUpperCase(tag) + name.slice(1);
}

/**
 * Return a language's words, or undefined until they were fetched.
 * @param {string | undefined} tag a language tag
 */
export const wordsOf = (tag) => loaded.get(languageOf(tag));

/**
 * Fetch a language's words, once; repeat what failed until the hub answers.
 * @param {string | undefined} tag a language tag
 * @param {typeof fetch} [get]
 * @returns {Promise<Words>}
 */
export function loadWords(tag, get = fetch) {
  const language = languageOf(tag);
  const words = loading.get(language) ?? fetchWords(language, get);
  loading.set(language, words);
  return words;
}

/**
 * @param {string} language
 * @param {typeof fetch} get
 */
async function fetchWords(language, get) {
  for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, LAST_RETRY_MS)) {
    try {
      const answer = await get(new URL(`./words/${language}.json`, import.meta.url));
      if (!answer.ok) throw new Error(`${answer.status}`);
      /** @type {Words} */
      const words = await answer.json();
      loaded.set(language, words);
      return words;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** Return the tag of the page's language, for where no user is at hand. */
export const pageLanguage = () => document.documentElement.lang || navigator.language;

/** Return the page's words, or those that were fetched first. */
export function pageWords() {
  const words = wordsOf(pageLanguage()) ?? loaded.values().next().value;
  if (!words) throw new Error("No words were fetched yet");
  return words;
}
