// The steps in order. They are moved by buttons, by Alt and arrow keys, and by dragging.

import { t } from '../../i18n/index.js';
import { html, useRef } from '../../vendor/preact.js';
import { edit, moveStep } from './edit_state.js';
import { StepItem, move } from './step.js';

/** @param {{errors: Record<string, string>}} props  By place, such as `pipeline.1.amount`. */
export function StepList({ errors }) {
  const { steps } = edit.value;
  const sent = steps.filter((step) => !step.isOff); // places count these
  /** @type {{current: HTMLElement | null}} */
  const list = useRef(null);
  const key = (/** @type {KeyboardEvent} */ event) => {
    const direction = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const opener = /** @type {HTMLElement} */ (event.target).closest('.opener');
    if (!event.altKey || !direction || !opener) return;
    event.preventDefault();
    const index = steps.findIndex((step) => `step-${step.id}` === opener.id);
    move(steps[index], index + direction);
    requestAnimationFrame(() => document.getElementById(opener.id)?.focus());
  };
  const drag = (/** @type {PointerEvent} */ event) => {
    const item = /** @type {HTMLElement} */ (event.target).closest('.grip')?.closest('li');
    if (!item || !list.current) return;
    event.preventDefault();
    followPointer(Number(item.dataset.id), item, list.current);
  };
  if (!steps.length) return html`<p class="muted no-steps">${t('edit.no_steps')}</p>`;
  return html`
    <ol class="steps" ref=${list} onKeyDown=${key} onPointerDown=${drag}>
      ${steps.map(
        (step, index) => html`
          <${StepItem} key=${step.id} ...${{ step, index, count: steps.length }} errors=${errorsOf(errors, sent.indexOf(step))} />
        `,
      )}
    </ol>
  `;
}

/** @param {Record<string, string>} errors @param {number} index @returns {Record<string, string>} */
function errorsOf(errors, index) {
  const place = `pipeline.${index}`;
  const own = Object.entries(errors).filter(([each]) => each === place || each.startsWith(`${place}.`));
  return Object.fromEntries(own.map(([each, message]) => [each.slice(place.length + 1).split('.')[0], message]));
}

/** Moves the step to where the pointer is until it is released. @param {number} id @param {HTMLElement} item @param {HTMLElement} list */
function followPointer(id, item, list) {
  const moved = new AbortController();
  item.classList.add('dragged');
  const follow = (/** @type {PointerEvent} */ event) => {
    const items = [...list.children];
    const to = items.findIndex((each) => {
      const box = each.getBoundingClientRect();
      return event.clientY < box.bottom;
    });
    const target = to < 0 ? items.length - 1 : to;
    const box = items[target].getBoundingClientRect();
    const isPastMiddle = items.indexOf(item) < target ? event.clientY > box.top + box.height / 2 : event.clientY < box.top + box.height / 2;
    if (isPastMiddle) moveStep(id, target);
  };
  const end = () => (moved.abort(), item.classList.remove('dragged'));
  addEventListener('pointermove', follow, { signal: moved.signal });
  addEventListener('pointerup', end, { signal: moved.signal });
  addEventListener('pointercancel', end, { signal: moved.signal });
}
