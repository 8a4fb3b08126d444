// The histogram of the preview, by channel.

import { t } from '../../i18n/index.js';
import { html, useMemo } from '../../vendor/preact.js';

const SIDE = 256; // pixels that are counted, a side: the shape does not need more
const LEVELS = 128;
const HEIGHT = 48;
const CHANNELS = ['red', 'green', 'blue'];

/** @param {{picture: import('./live_picture.js').Picture}} props */
export function Histogram({ picture }) {
  const paths = useMemo(() => pathsOf(picture), [picture]);
  return html`
    <svg class="histogram" viewBox="0 0 ${LEVELS} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${t('edit.histogram')}>
      ${paths.map((path, index) => html`<path key=${index} class=${CHANNELS[index]} d=${path} />`)}
    </svg>
  `;
}

/** @param {import('./live_picture.js').Picture} picture */
function pathsOf({ element, width, height }) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return [];
  context.drawImage(element, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const counts = CHANNELS.map(() => new Float64Array(LEVELS));
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3]) counts.forEach((levels, channel) => (levels[data[at + channel] >> 1] += 1));
  }
  const highest = Math.max(1, ...counts.map((levels) => Math.max(...levels.subarray(1, LEVELS - 1))));
  return counts.map((levels) => {
    const tops = [...levels].map((count, level) => `L${level} ${(HEIGHT * (1 - Math.min(1, Math.sqrt(count / highest)))).toFixed(1)}`);
    return `M0 ${HEIGHT}${tops.join('')}L${LEVELS - 1} ${HEIGHT}Z`;
  });
}
