// One original: the picture, and what can be done with it.

import { getImage, imageThumbnail } from '../../api/images.js';
import { Button } from '../../components/button.js';
import { Dialog } from '../../components/dialog.js';
import { Failure, Loading } from '../../components/states.js';
import { formatBytes, formatTime, t } from '../../i18n/index.js';
import { deleteLater } from '../../state/gallery.js';
import { editAddress } from '../../state/route.js';
import { html, useEffect, useSignal } from '../../vendor/preact.js';

/** @param {{id: string, onClose: () => void}} props */
export function ImageDetails({ id, onClose }) {
  const image = useSignal(/** @type {import('../../api/images.js').Image | null} */ (null));
  const error = useSignal(/** @type {unknown} */ (null));
  const read = () => getImage(id).then((found) => (image.value = found), (failure) => (error.value = failure));
  useEffect(() => void read(), [id]);
  const found = image.value;
  const remove = () => (onClose(), deleteLater('images', [id]));
  return html`
    <${Dialog} title=${found?.file_name ?? t('gallery.unnamed')} wide onClose=${onClose}>
      ${error.value && html`<${Failure} error=${error.value} onRetry=${read} />`}
      ${!found && !error.value && html`<${Loading} />`}
      ${found && html`
        ${found.format !== 'cube' && html`<img class="whole-picture" src=${imageThumbnail(id)} alt=${found.file_name ?? ''} />`}
        <dl class="facts">
          <dt>${t('details.size')}</dt><dd>${found.format.toUpperCase()}, ${formatBytes(found.bytes)}</dd>
          <dt>${t('details.created')}</dt><dd>${formatTime(found.created_at)}</dd>
          ${found.expires_at && html`<dt>${t('details.expires')}</dt><dd>${formatTime(found.expires_at)}</dd>`}
        </dl>
        <div class="row">
          ${found.format !== 'cube' && html`<${Button} kind="primary" icon="edit" href=${editAddress(id)}>${t('edit')}<//>`}
          <${Button} icon="download" href=${found.url} download>${t('details.download')}<//>
          <${Button} kind="danger quiet" icon="trash" onClick=${remove}>${t('delete')}<//>
        </div>
      `}
    <//>
  `;
}
