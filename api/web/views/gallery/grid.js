// The pictures as cards that can be opened and selected.

import { imageThumbnail } from '../../api/images.js';
import { taskThumbnail } from '../../api/tasks.js';
import { Button } from '../../components/button.js';
import { PictureButton } from '../../components/picture_button.js';
import { Empty, Failure, Loading, Thumbnail } from '../../components/states.js';
import { formatBytes, formatTime, t } from '../../i18n/index.js';
import { hidden, images, loadImages, loadTasks, tasks } from '../../state/gallery.js';
import { html, useEffect, useRef } from '../../vendor/preact.js';
import { stepsText } from './steps_text.js';

/** @typedef {import('../../api/tasks.js').Task} Task */
/** @typedef {import('../../api/images.js').Image} Image */
/** @typedef {{id: string, name: string, text: string, at: string, thumbnail: string | null, status?: string}} Picture */

/** @param {Task} task @returns {Picture} */
function pictureOfTask(task) {
  const { task_id: id, status, output, image_id: imageId } = task;
  const source = imageId && imageThumbnail(imageId);
  return {
    id,
    status,
    name: output?.file_name ?? (stepsText(task.pipeline) || t('gallery.converted')),
    text: output ? `${output.width} × ${output.height} · ${formatBytes(output.bytes)}` : t(`status.${status}`),
    at: task.created_at,
    thumbnail: status === 'succeeded' ? taskThumbnail(id) : source,
  };
}

/** @param {Image} image @returns {Picture} */
const pictureOfImage = (image) => ({
  id: image.image_id,
  name: image.file_name ?? t('gallery.unnamed'),
  text: `${image.format.toUpperCase()} · ${formatBytes(image.bytes)}`,
  at: image.created_at,
  thumbnail: image.format === 'cube' ? null : imageThumbnail(image.image_id),
});

/** @param {string} text */
const searched = (text) => text.toLowerCase().replaceAll('.jpg', '.jpeg').replaceAll('.tif ', '.tiff '); // as the service names them

/** @param {'tasks' | 'images'} kind @param {string} search */
export function shownPictures(kind, search) {
  const all = kind === 'tasks' ? tasks.value.items.map(pictureOfTask) : images.value.items.map(pictureOfImage);
  const wanted = searched(`${search.trim()} `).trim();
  return all.filter((each) => !hidden.value.has(each.id) && searched(`${each.name} ${each.text}`).includes(wanted));
}

/** @param {{kind: 'tasks' | 'images', search: string, selected: import('../../vendor/preact.js').Signal<Set<string>>,
 *   onOpen: (id: string) => void}} props */
export function Grid({ kind, search, selected, onOpen }) {
  const list = kind === 'tasks' ? tasks.value : images.value;
  const load = kind === 'tasks' ? loadTasks : loadImages;
  const shown = shownPictures(kind, search);
  const last = useRef('');
  const toggle = (/** @type {string} */ id, /** @type {boolean} */ isRange) => {
    const [from, to] = [isRange ? last.current : id, id].map((each) => shown.findIndex((one) => one.id === each)).sort((one, other) => one - other);
    const range = (from < 0 ? [{ id }] : shown.slice(from, to + 1)).map((each) => each.id);
    selected.value = selected.value.has(id) ? new Set([...selected.value].filter((each) => each !== id)) : new Set([...selected.value, ...range]);
    last.current = id;
  };
  return html`
    ${list.error && html`<${Failure} error=${list.error} onRetry=${() => load()} />`}
    <ul class="grid">
      ${shown.map((each) => html`<${Card} key=${each.id} picture=${each} isSelected=${selected.value.has(each.id)} onToggle=${toggle} onOpen=${onOpen} />`)}
    </ul>
    ${!shown.length && !list.isLoading && !list.cursor && !list.error && html`<${Nothing} kind=${kind} isSearch=${Boolean(search.trim())} />`}
    ${(list.isLoading || list.cursor) && !shown.length && html`<${Loading} />`}
    ${list.cursor && html`<${More} isLoading=${list.isLoading} onMore=${() => load({ more: true })} />`}
  `;
}

/** @param {{picture: Picture, isSelected: boolean, onToggle: (id: string, isRange: boolean) => void, onOpen: (id: string) => void}} props */
const Card = ({ picture, isSelected, onToggle, onOpen }) => html`
  <li class="picture ${isSelected ? 'selected' : ''} ${picture.status ?? ''}">
    <button type="button" class="open" onClick=${() => onOpen(picture.id)}>
      <span class="frame">
        <${Thumbnail} url=${picture.thumbnail} />
        ${picture.status && picture.status !== 'succeeded' && html`<${Status} status=${picture.status} />`}
      </span>
      <span class="name">${picture.name}</span>
      <span class="muted small" title=${formatTime(picture.at)}>${picture.text}</span>
    </button>
    <input type="checkbox" checked=${isSelected} onClick=${(/** @type {MouseEvent} */ event) => onToggle(picture.id, event.shiftKey)} aria-label=${t('gallery.select', { name: picture.name })} />
  </li>
`;

/** @param {{status: string}} props */
export const Status = ({ status }) => html`
  <span class="badge ${status === 'failed' ? 'bad' : status === 'cancelled' ? '' : 'busy'}">${t(`status.${status}`)}</span>
`;

/** @param {{kind: string, isSearch: boolean}} props */
const Nothing = ({ kind, isSearch }) =>
  isSearch
    ? html`<${Empty} icon="search" title=${t('gallery.nothing_found')} />`
    : html`
        <${Empty} icon="image" title=${t(`gallery.empty.${kind}`)} text=${t('gallery.empty.text')}>
          <${PictureButton} kind="primary" icon="upload">${t('upload.choose')}<//>
        <//>
      `;

/** Loads more when it comes into view, or when it is pressed. @param {{isLoading: boolean, onMore: () => void}} props */
function More({ isLoading, onMore }) {
  /** @type {{current: HTMLElement | null}} */
  const element = useRef(null);
  useEffect(() => {
    if (!element.current || isLoading) return undefined;
    const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && onMore(), { rootMargin: '400px' });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [isLoading]);
  return html`<div class="row more" ref=${element}><${Button} disabled=${isLoading} onClick=${onMore}>${t('gallery.more')}<//></div>`;
}
