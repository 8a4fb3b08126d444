// Texts in the language of the user. A text is a string, or an object of plural forms chosen by `count`.

import { computed, signal } from '../vendor/preact.js';

/** @typedef {'en' | 'ru'} Language */
/** @type {Language[]} */
export const LANGUAGES = ['en', 'ru'];
const STORED = 'darkroom.language';

export const language = signal(initialLanguage());
/** @type {import('../vendor/preact.js').Signal<Record<string, any>>} */
const texts = signal({});
/** @type {Set<string>} Files of i18n/{language}/ that views have asked for. */
const wanted = new Set();
const plural = computed(() => new Intl.PluralRules(language.value));

/** @returns {Language} */
function initialLanguage() {
  const found = localStorage.getItem(STORED) ?? document.documentElement.lang;
  return LANGUAGES.find((each) => each === found) ?? 'en';
}

/** Loads the texts of files such as `page` or `edit`. A view awaits it before it is shown.
 * @param {...string} names */
export async function loadTexts(...names) {
  const missing = names.filter((name) => !wanted.has(name));
  const found = await Promise.all(missing.map((name) => fetchTexts(language.value, name)));
  missing.forEach((name) => wanted.add(name));
  if (missing.length) texts.value = Object.assign({}, texts.value, ...found);
}

/** @param {Language} chosen */
export async function chooseLanguage(chosen) {
  const found = await Promise.all([...wanted].map((name) => fetchTexts(chosen, name)));
  localStorage.setItem(STORED, chosen);
  document.documentElement.lang = chosen;
  language.value = chosen;
  texts.value = Object.assign({}, ...found);
}

/** @param {Language} chosen @param {string} name @returns {Promise<Record<string, any>>} */
async function fetchTexts(chosen, name) {
  const response = await fetch(new URL(`./${chosen}/${name}.json`, import.meta.url));
  return response.json();
}

/** The text of a key, with `{name}` replaced. A missing text shows its key.
 * @param {string} key @param {Record<string, unknown>} [values] @returns {string} */
export function t(key, values = {}) {
  const found = texts.value[key] ?? key;
  const text = typeof found === 'string' ? found : (found[plural.value.select(Number(values.count))] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) =>
    name in values ? String(name === 'count' ? formatNumber(Number(values[name])) : values[name]) : whole,
  );
}

/** The language as the user's browser has it, such as en-GB: dates differ. */
const locale = computed(() => navigator.languages.find((each) => each.startsWith(language.value)) ?? language.value);

/** Whether there is a text of that key. @param {string} key */
export const hasText = (key) => key in texts.value;

/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export const formatNumber = (value, options) => new Intl.NumberFormat(locale.value, options).format(value);

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'];

/** @param {number} bytes */
export function formatBytes(bytes) {
  const power = Math.min(UNITS.length, Math.max(1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  const value = bytes / 1000 ** power;
  return formatNumber(value, { style: 'unit', unit: UNITS[power - 1], maximumFractionDigits: value < 10 ? 1 : 0 });
}

/** @param {string | number | Date} at */
export const formatTime = (at) =>
  new Intl.DateTimeFormat(locale.value, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));

/** "in 5 minutes", "2 hours ago". @param {string | number | Date} at @param {number} [now] */
export function formatRelative(at, now = Date.now()) {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const format = new Intl.RelativeTimeFormat(language.value, { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 60) return format.format(Math.round(seconds), 'second');
  if (size < 3600) return format.format(Math.round(seconds / 60), 'minute');
  if (size < 86400) return format.format(Math.round(seconds / 3600), 'hour');
  return format.format(Math.round(seconds / 86400), 'day');
}
