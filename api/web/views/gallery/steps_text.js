// Steps in words.

import { hasText, t } from '../../i18n/index.js';

/** "Resize, Sepia". @param {{filter: string}[]} steps */
export const stepsText = (steps) =>
  steps.map(({ filter }) => (hasText(`filter.${filter}`) ? t(`filter.${filter}`) : filter)).join(', ');
