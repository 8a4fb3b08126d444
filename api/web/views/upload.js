// The queue of uploads: what waits, what is sent, what failed and why.

import { imageThumbnail } from '../api/images.js';
import { service } from '../api/service.js';
import { Button } from '../components/button.js';
import { Icon } from '../components/icon.js';
import { PictureButton } from '../components/picture_button.js';
import { Progress, Thumbnail } from '../components/states.js';
import { problemSentence, sentence } from '../i18n/errors.js';
import { formatBytes, t } from '../i18n/index.js';
import { connection } from '../state/connection.js';
import { address } from '../state/route.js';
import { mine, remove, retry } from '../state/uploads.js';
import { computed, html } from '../vendor/preact.js';

/** @typedef {import('../state/uploads.js').Upload} Item */
const totals = computed(() => {
  const counted = mine.value.filter(({ state }) => state !== 'rejected');
  const sum = (/** @type {(item: Item) => number} */ of) => counted.reduce((total, item) => total + of(item), 0);
  return {
    count: counted.length,
    done: counted.filter(({ state }) => state === 'done').length,
    active: counted.filter(({ state }) => state === 'uploading' || state === 'waiting').length,
    bytes: sum(({ file }) => file.size),
    sentBytes: sum(({ state, sentBytes, file }) => (state === 'done' ? file.size : Math.min(sentBytes, file.size))),
    bytesPerSecond: sum(({ bytesPerSecond }) => bytesPerSecond),
  };
});

export function Upload() {
  const isEmpty = !mine.value.length;
  return html`
    <div class="view narrow upload">
      <header><h1>${t('upload.title')}</h1></header>
      <section class="drop-zone ${isEmpty ? 'large' : ''}" aria-label=${t('upload.add')}>
        ${isEmpty && html`<${Icon} name="image" /><p class="lead for-pointer">${t('upload.drop_here')}</p>`}
        <div class="row">
          <${PictureButton} kind="primary" icon="upload">${t('upload.choose')}<//>
          <${PictureButton} icon="folder" folder>${t('upload.folder')}<//>
        </div>
        <p class="muted small">${t('upload.limits', { size: formatBytes(service.maxUploadBytes) })}</p>
      </section>
      ${!isEmpty && html`<${Summary} />`}
      <ul class="uploads">${mine.value.map((item) => html`<${Row} key=${item.id} item=${item} />`)}</ul>
    </div>
  `;
}

function Summary() {
  const { count, done, active, bytes, sentBytes, bytesPerSecond } = totals.value;
  const failed = mine.value.filter(({ state }) => state === 'failed').map(({ id }) => id);
  const ended = mine.value.filter(({ state }) => state !== 'uploading' && state !== 'waiting');
  const images = mine.value.flatMap(({ image }) => image?.image_id ?? []);
  return html`
    <section class="stack" aria-label=${t('upload.progress')}>
      <div class="row apart">
        <p>
          <strong>${t('upload.done_of', { done, total: count })}</strong>
          ${active > 0 && html`<span class="muted"> · ${formatBytes(sentBytes)} / ${formatBytes(bytes)} ${bytesPerSecond > 0 && ` · ${t('speed', { size: formatBytes(bytesPerSecond) })}`}</span>`}
        </p>
        <div class="row">
          ${failed.length > 0 && html`<${Button} icon="retry" onClick=${() => retry(failed)}>${t('upload.retry_all', { count: failed.length })}<//>`}
          ${images.length > 1 && html`<${Button} icon="layers" href=${address('gallery', '', { tab: 'images', select: images.slice(-100).join(',') })}>${t('upload.together')}<//>`}
          ${ended.length > 0 && html`<${Button} kind="quiet" onClick=${() => ended.forEach(({ id }) => remove(id))}>${t('upload.clear')}<//>`}
        </div>
      </div>
      <${Progress} value=${sentBytes} max=${Math.max(bytes, 1)} label=${t('upload.progress')} />
    </section>
  `;
}

/** @param {{item: Item}} props */
const Row = ({ item }) => html`
  <li class="card">
    <div class="thumbnail">
      <${Thumbnail} url=${item.image && item.image.format !== 'cube' ? imageThumbnail(item.image.image_id) : null} />
    </div>
    <div class="stack">
      <p class="name">${item.file.name}</p>
      <p class="small ${item.state === 'failed' || item.state === 'rejected' ? 'bad' : 'muted'}">${stateText(item)}</p>
      ${item.state === 'uploading' && html`<${Progress} value=${item.sentBytes} max=${item.file.size} label=${item.file.name} />`}
    </div>
    <div class="row">
      ${item.image && html`<${Button} kind="edit" icon="edit" href=${address('edit', item.image.image_id)}>${t('edit')}<//>`}
      ${item.state === 'failed' && html`<${Button} icon="retry" label=${t('upload.retry', { name: item.file.name })} onClick=${() => retry([item.id])} />`}
      <${Button} kind="quiet" icon="close" label=${t(item.state === 'done' ? 'upload.remove' : 'upload.cancel', { name: item.file.name })} onClick=${() => remove(item.id)} />
    </div>
  </li>
`;

/** @param {Item} item */
function stateText({ state, file, sentBytes, bytesPerSecond, code, error, notBefore }) {
  const size = formatBytes(file.size);
  if (state === 'rejected') return problemSentence(code ?? '');
  if (state === 'failed') return sentence(error);
  if (state === 'done') return t('upload.state.done', { size });
  if (state === 'waiting' && connection.value !== 'online') return t('upload.state.no_connection', { size });
  if (state === 'waiting' && notBefore > Date.now()) return sentence(error);
  if (state === 'waiting') return t('upload.state.waiting', { size });
  if (sentBytes >= file.size) return t('upload.state.storing', { size });
  return t('upload.state.uploading', { sent: formatBytes(sentBytes), size, speed: t('speed', { size: formatBytes(bytesPerSecond) }) });
}
