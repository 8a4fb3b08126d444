// Which output options a format has, and how the panel shows them. The server judges the same.

/** @typedef {import('./schema.js').Parameter & {formats?: string[]}} Option */

const FORMATS = ['auto', 'jpeg', 'webp', 'avif', 'jxl', 'png', 'gif', 'tiff', 'bmp', 'ico', 'jpeg2000'];
const LOSSY = ['jpeg', 'webp', 'avif', 'jxl', 'jpeg2000'];
/** @type {Record<string, number>} */
const QUALITIES = { jpeg: 80, webp: 79, avif: 63, jxl: 80, jpeg2000: 80 };
/** @type {Record<string, string>} */
const AUTO = { heic: 'jpeg', svg: 'png' };
const IN_BROWSERS = ['jpeg', 'png', 'webp', 'gif', 'avif'];

/** @param {string} name @param {import('./schema.js').Kind} kind @param {Record<string, any>} schema @param {string[]} [formats]
 * @returns {Option} */
const option = (name, kind, schema, formats) =>
  ({ name, kind, schema, formats, isNullable: !schema.initial, initial: schema.initial ?? null, unit: schema.unit ?? '' });
/** @param {number} minimum @param {number} maximum */
const between = (minimum, maximum) => ({ type: 'integer', minimum, maximum });
const METADATA = ['strip', 'keep_copyright', 'keep', 'keep_all_but_location'];

const OPTIONS = [
  option('format', 'choice', { enum: FORMATS, initial: 'auto' }),
  option('quality', 'number', between(1, 100), LOSSY),
  option('lossless', 'switch', {}, ['webp', 'jxl', 'jpeg2000']),
  option('target_bytes', 'number', between(100, 268435456), LOSSY),
  option('effort', 'number', between(1, 10), ['jpeg', 'png', 'webp', 'avif', 'jxl']),
  option('progressive', 'switch', {}, ['jpeg']),
  option('metadata', 'choice', { enum: METADATA, initial: 'strip' }),
];
/** @type {Record<string, string | boolean>} */
const DEFAULTS = { format: 'auto', metadata: 'strip', background: 'white', icc: 'srgb', frames: 'all', auto_orient: true, lossless: false, progressive: false, only_if_smaller: false };
const NAMES = new Set(OPTIONS.map(({ name }) => name));

/** The format that an output will have. @param {Record<string, any>} output @param {string} source */
export const formatOf = (output, source) =>
  output.format && output.format !== 'auto' ? output.format : (AUTO[source] ?? source);

/** @param {Record<string, any>} output @param {string} source @returns {Option[]} */
export function optionsOf(output, source) {
  const format = formatOf(output, source);
  return OPTIONS.filter(({ name, formats }) => {
    if (output.lossless && (name === 'quality' || name === 'target_bytes')) return false;
    return !formats || formats.includes(format);
  }).map((option) => (option.name === 'quality' ? { ...option, initial: QUALITIES[format], isNullable: false } : option));
}

/** The options without those that the format does not have, and without defaults.
 * @param {Record<string, any>} output @param {string} source */
export function fitting(output, source) {
  const allowed = new Set(optionsOf(output, source).map(({ name }) => name));
  return Object.fromEntries(Object.entries(given(output)).filter(([name]) => !NAMES.has(name) || allowed.has(name)));
}

/** Without defaults: the server answers with every option. @param {Record<string, any>} output */
export const given = (output) =>
  Object.fromEntries(Object.entries(output).filter(([name, value]) => (value ?? DEFAULTS[name] ?? null) !== (DEFAULTS[name] ?? null) && value?.length !== 0));

/** What a preview is rendered with: pixels as in the output, but nothing that takes long or that no browser shows.
 * @param {Record<string, any>} output @param {string} source @param {boolean} isFull @returns {Record<string, any>} */
export function previewOptions(output, source, isFull) {
  const format = formatOf(output, source);
  const { quality, lossless, background } = output;
  if (!IN_BROWSERS.includes(format)) return { format: 'png' };
  if (format === 'png' && !isFull) return { format: 'webp', quality: 92 }; // a fraction of the time of a PNG
  return Object.fromEntries(Object.entries({ format, quality, lossless, background }).filter(([, value]) => value !== undefined));
}
