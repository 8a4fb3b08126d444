// What kind of field a JSON Schema of a parameter asks for.

/** @typedef {import('../../state/catalogue.js').Schema} Schema */
/** @typedef {'number' | 'length' | 'switch' | 'choice' | 'place' | 'color' | 'image' | 'text' | 'numbers' | 'curve' |
 *   'kernel' | 'rows'} Kind */
/** @typedef {{name: string, kind: Kind, schema: Schema, isNullable: boolean, initial: any, unit: string}} Parameter */

/** @type {Record<string, string>} */
const UNITS = { px: 'px', '%': '%', '°': '°', '% of the width': '%' };

/** @param {import('../../state/catalogue.js').Filter} filter @returns {Parameter[]} */
export const parametersOf = (filter) =>
  Object.entries(filter.parameters.properties ?? {}).map(([name, schema]) => parameterOf(name, schema));

/** @param {string} name @param {Schema} outer @returns {Parameter} */
function parameterOf(name, outer) {
  const variants = /** @type {Schema[]} */ (outer.anyOf ?? [outer]);
  const others = variants.filter((each) => each.type !== 'null');
  const schema = others[0];
  return {
    name,
    kind: others.length > 1 ? 'length' : kindOf(schema),
    schema,
    isNullable: others.length < variants.length,
    initial: outer.default ?? null,
    unit: UNITS[outer.unit ?? schema.unit] ?? '',
  };
}

/** @param {Schema} schema @returns {Kind} */
function kindOf(schema) {
  if (schema.enum) return schema.enum.includes('northwest') ? 'place' : 'choice';
  if (schema.type === 'boolean') return 'switch';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'array') return kindOfArray(schema);
  if (schema.format === 'color') return 'color';
  return schema.format === 'uuid' ? 'image' : 'text';
}

/** @param {Schema} schema @returns {Kind} */
function kindOfArray(schema) {
  const items = /** @type {Schema[]} */ (schema.prefixItems ?? []);
  if (items.length && items.every((each) => each.type === 'number' || each.type === 'integer')) return 'numbers';
  const parts = /** @type {Schema[]} */ (schema.items?.prefixItems ?? []);
  if (parts.length === 2 && parts.every((each) => each.maximum === 255)) return 'curve';
  return schema.items?.type === 'number' ? 'kernel' : 'rows';
}

/** How a slider and arrow keys change a number. @param {Schema} schema */
export function stepOf(schema) {
  if (schema.type === 'integer') return schema.not?.multipleOf === 2 ? 2 : 1;
  const range = schema.maximum - schema.minimum;
  return range <= 20 ? 0.01 : range <= 500 ? 0.1 : 1;
}
