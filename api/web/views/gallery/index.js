// Results and originals, newest first: look, search, select, and act on many.

import { Segments } from '../../components/button.js';
import { Icon } from '../../components/icon.js';
import { t } from '../../i18n/index.js';
import { chooseStatus, follow, loadAll, loadImages } from '../../state/gallery.js';
import { listenToTasks } from '../../state/live.js';
import { navigate } from '../../state/route.js';
import { html, useEffect, useSignal } from '../../vendor/preact.js';
import { BatchPanel } from './batch_panel.js';
import { Grid, shownPictures } from './grid.js';
import { ImageDetails } from './image_details.js';
import { SelectionBar } from './selection_bar.js';
import { TaskDetails } from './task_details.js';

const STATUSES = ['', 'succeeded', 'running', 'failed'];
/** @typedef {'tasks' | 'images'} Kind */

/** `tab`, `select`, and an edit to apply come with the address. @param {{route: import('../../state/route.js').Route}} props */
export function Gallery({ route }) {
  const kind = /** @type {Kind} */ (route.query.get('tab') === 'images' ? 'images' : 'tasks');
  const search = useSignal('');
  const given = route.query.get('select') ?? '';
  const selected = useSignal(/** @type {Set<string>} */ (new Set()));
  const opened = useSignal(/** @type {string | null} */ (null));
  useEffect(() => listenToTasks(follow), []); // the stream begins with `refetch`
  useEffect(() => void (kind === 'images' ? loadImages() : chooseStatus('')), [kind]);
  useEffect(() => void (selected.value = new Set(given.split(',').filter(Boolean))), [given]);
  const close = () => (opened.value = null);
  const selectAll = async () => {
    await loadAll(kind);
    selected.value = new Set(shownPictures(kind, search.value).map(({ id }) => id));
  };
  const isChoosing = kind === 'images' && route.query.has('pipeline') && !selected.value.size;
  const show = (/** @type {Kind} */ tab) => ((selected.value = new Set()), navigate('gallery', '', tab === 'images' ? { tab } : {}));
  return html`
    <div class="view gallery">
      <div class="row apart">
        <h1>${t('gallery.title')}</h1>
        <${Segments} label=${t('gallery.kinds')} value=${kind} onChange=${show}
          choices=${[{ value: 'tasks', text: t('gallery.tasks') }, { value: 'images', text: t('gallery.images') }]} />
      </div>
      <${BatchPanel} onSelect=${(/** @type {string[]} */ ids) => navigate('gallery', '', { tab: 'images', select: ids.join(',') })} />
      ${isChoosing && html`<div class="notice" role="status"><p>${t('batch.choose')}</p></div>`}
      <${Tools} kind=${kind} search=${search} />
      <${Grid} kind=${kind} search=${search.value} selected=${selected} onOpen=${(/** @type {string} */ id) => (opened.value = id)} />
      <${SelectionBar} kind=${kind} selected=${selected} query=${route.query} onSelectAll=${selectAll} />
      ${opened.value && kind === 'tasks' && html`<${TaskDetails} id=${opened.value} onClose=${close} />`}
      ${opened.value && kind === 'images' && html`<${ImageDetails} id=${opened.value} onClose=${close} />`}
    </div>
  `;
}

/** @param {{kind: Kind, search: import('../../vendor/preact.js').Signal<string>}} props */
function Tools({ kind, search }) {
  const write = (/** @type {InputEvent} */ event) => (search.value = /** @type {HTMLInputElement} */ (event.target).value);
  const choose = (/** @type {Event} */ event) => chooseStatus(/** @type {HTMLSelectElement} */ (event.target).value);
  return html`
    <div class="row tools">
      <div class="search">
        <${Icon} name="search" />
        <input class="input" type="search" value=${search.value} onInput=${write} placeholder=${t('gallery.search')} aria-label=${t('gallery.search')} />
      </div>
      ${kind === 'tasks' && html`
        <select class="input" aria-label=${t('gallery.status')} onChange=${choose}>
          ${STATUSES.map((status) => html`<option key=${status} value=${status}>${t(`gallery.status.${status || 'all'}`)}</option>`)}
        </select>
      `}
    </div>
  `;
}
