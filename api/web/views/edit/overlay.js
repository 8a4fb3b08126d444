// What lies on the picture while a step is set there: the crop box, regions, a point, or corners.

import { Button } from '../../components/button.js';
import { t } from '../../i18n/index.js';
import { html, useEffect, useRef, useSignal } from '../../vendor/preact.js';
import { directionOf } from './arrows.js';
import { setValues, target } from './edit_state.js';
import { parameterName } from './fields/field.js';
import { cornersOf, cropBox, regionBoxes, setCorner, setCropBox, setRegions } from './on_picture.js';
import { Region, dragged, resized, styleOf } from './region.js';

/** @typedef {import('./on_picture.js').Box} Box */
/** @typedef {import('./live_picture.js').Picture} Picture */
/** @typedef {import('./edit_state.js').Step} Step */

/** @type {Record<string, (props: PartProps) => any>} */
const PARTS = { box: CropBox, regions: Regions, focal: FocalPoint, corners: Corners };
const ASPECTS = ['free', 'original', '1:1', '4:5', '3:2', '16:9', '9:16'];
const MOST_REGIONS = 50;
const KEY_STEP = 0.01;

/** @param {{step: Step, kind: string, picture: Picture}} props */
export function Overlay({ step, kind, picture }) {
  /** @type {{current: HTMLElement | null}} */
  const frame = useRef(null);
  const shared = { step, picture, frame: () => /** @type {Element} */ (frame.current) };
  const Part = PARTS[kind];
  useEffect(() => /** @type {HTMLElement | null} */ (frame.current?.querySelector('[tabindex]'))?.focus({ preventScroll: true }), []);
  return html`<div class="overlay ${kind}" ref=${frame}><${Part} ...${shared} /></div>`;
}

/** @typedef {{step: Step, picture: Picture, frame: () => Element}} PartProps */

/** @param {PartProps} props */
function CropBox({ step, picture, frame }) {
  const aspect = useSignal('free');
  const box = cropBox(step.values);
  const ratio = ratioOf(aspect.value, picture);
  const choose = (/** @type {string} */ next) => {
    aspect.value = next;
    const wanted = ratioOf(next, picture);
    if (wanted) setCropBox(step.id, largest(wanted));
  };
  return html`
    <div class="shade"><div style=${styleOf(box)}></div></div>
    <${Region} box=${box} ratio=${ratio} isCrop label=${t('edit.crop_box')} frame=${frame}
      onChange=${(/** @type {Box} */ next) => setCropBox(step.id, next)} />
    <${Bar}>
      <select class="input" aria-label=${t('edit.aspect')} value=${aspect.value} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        ${ASPECTS.map((each) => html`<option key=${each} value=${each}>${each.includes(':') ? each : t(`edit.aspect.${each}`)}</option>`)}
      </select>
    <//>
  `;
}

/** Width to height in shares of the picture. @param {string} aspect @param {Picture} picture */
function ratioOf(aspect, { width, height }) {
  if (aspect === 'original') return 1;
  const [across, down] = aspect.split(':').map(Number);
  return down ? (across / down) * (height / width) : null;
}

/** The largest box in the middle. @param {number} ratio @returns {Box} */
function largest(ratio) {
  const w = Math.min(1, ratio);
  const h = w / ratio;
  return { x: (1 - w) / 2, y: (1 - h) / 2, w, h };
}

/** @param {PartProps} props */
function Regions({ step, frame }) {
  const chosen = useSignal(0);
  const boxes = regionBoxes(step.values);
  const change = (/** @type {number} */ index, /** @type {Box} */ box) => setRegions(step.id, boxes.with(index, box));
  const remove = (/** @type {number} */ index) => boxes.length > 1 && setRegions(step.id, boxes.toSpliced(index, 1));
  const add = (/** @type {Box} */ box) => {
    if (boxes.length >= MOST_REGIONS) return;
    chosen.value = boxes.length;
    setRegions(step.id, [...boxes, box]);
  };
  const draw = (/** @type {PointerEvent} */ event) => {
    const around = frame().getBoundingClientRect();
    const start = { x: (event.clientX - around.left) / around.width, y: (event.clientY - around.top) / around.height, w: 0.02, h: 0.02 };
    add(start);
    dragged(event, frame(), (dx, dy) => setRegions(step.id, [...boxes, resized(start, 'se', dx - start.w, dy - start.h, null)]));
  };
  return html`
    <div class="empty-area" onPointerDown=${draw}></div>
    ${boxes.map(
      (box, index) => html`
        <${Region} key=${index} box=${box} frame=${frame} label=${t('edit.region', { number: index + 1 })} isChosen=${chosen.value === index}
          onChange=${(/** @type {Box} */ next) => change(index, next)} onChoose=${() => (chosen.value = index)} onDelete=${() => remove(index)} />
      `,
    )}
    <${Bar}>
      <${Button} icon="plus" onClick=${() => add({ x: 0.4, y: 0.4, w: 0.2, h: 0.2 })}>${t('edit.add_region')}<//>
      <${Button} icon="trash" label=${t('edit.remove_region')} disabled=${boxes.length < 2} onClick=${() => remove(chosen.value)} />
    <//>
  `;
}

/** @param {PartProps} props */
function FocalPoint({ step, frame }) {
  const at = /** @type {[number, number]} */ ([step.values.focal_x ?? 0.5, step.values.focal_y ?? 0.5]);
  const set = (/** @type {number} */ across, /** @type {number} */ down) =>
    setValues(step.id, { focal_x: toShare(across), focal_y: toShare(down) });
  const press = (/** @type {PointerEvent} */ event) => {
    const around = frame().getBoundingClientRect();
    const [x, y] = [(event.clientX - around.left) / around.width, (event.clientY - around.top) / around.height];
    set(x, y);
    dragged(event, frame(), (dx, dy) => set(x + dx, y + dy));
  };
  return html`
    <div class="empty-area" onPointerDown=${press}></div>
    <${Point} at=${at} label=${t('edit.focal_point')} frame=${frame} onMove=${set} />
    <${Bar} />
  `;
}

/** @param {PartProps} props */
function Corners({ step, frame }) {
  const corners = cornersOf(step.values);
  return html`
    <svg class="outline" viewBox="0 0 100 100" preserveAspectRatio="none"><polygon points=${corners.map(({ at }) => at.join()).join(' ')} /></svg>
    ${corners.map(
      ({ name, at: [x, y] }) => html`
        <${Point} key=${name} at=${[x / 100, y / 100]} label=${t('edit.corner', { name: parameterName(name) })} frame=${frame}
          onMove=${(/** @type {number} */ across, /** @type {number} */ down) => setCorner(step.id, name, across, down)} />
      `,
    )}
    <${Bar} />
  `;
}

/** @param {{at: [number, number], label: string, frame: () => Element, onMove: (x: number, y: number) => void}} props */
function Point({ at: [x, y], label, frame, onMove }) {
  const press = (/** @type {PointerEvent} */ event) => {
    /** @type {HTMLElement} */ (event.currentTarget).focus();
    dragged(event, frame(), (dx, dy) => onMove(x + dx, y + dy));
  };
  const key = (/** @type {KeyboardEvent} */ event) => {
    const [across, down] = directionOf(event);
    if (!across && !down) return;
    event.preventDefault();
    onMove(x + KEY_STEP * across, y + KEY_STEP * down);
  };
  return html`<div class="point" style=${{ left: `${100 * x}%`, top: `${100 * y}%` }} tabindex="0" role="group" aria-label=${label}
    onKeyDown=${key} onPointerDown=${press}></div>`;
}

/** @param {number} share */
const toShare = (share) => Number(Math.min(1, Math.max(0, share)).toFixed(3));

/** @param {{children?: any}} props */
const Bar = ({ children }) => html`
  <div class="overlay-bar">
    ${children}
    <${Button} kind="primary" icon="check" onClick=${() => (target.value = null)}>${t('edit.done')}<//>
  </div>
`;
