// Arrow keys as directions.

/** @type {Record<string, [number, number]>} Right and down are positive. */
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {KeyboardEvent} event @returns {[number, number]} [0, 0] for all other keys */
export const directionOf = (event) => DIRECTIONS[event.key] ?? [0, 0];
