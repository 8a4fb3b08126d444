// The second image of a step, chosen from one's own.

import { imageThumbnail, listImages } from '../../../api/images.js';
import { Button } from '../../../components/button.js';
import { Dialog } from '../../../components/dialog.js';
import { Empty, Failure, Loading, Thumbnail } from '../../../components/states.js';
import { t } from '../../../i18n/index.js';
import { html, useEffect, useSignal } from '../../../vendor/preact.js';

/** @typedef {import('../../../api/images.js').Image} Image */

/** @param {import('./field.js').FieldProps} props */
export function ImageField({ value, attributes, onChange }) {
  const isOpen = useSignal(!value);
  const choose = (/** @type {Image} */ image) => {
    isOpen.value = false;
    onChange(image.image_id);
  };
  return html`
    <div class="row">
      ${value && html`<img class="chosen" src=${imageThumbnail(value)} alt="" />`}
      <${Button} id=${attributes.id} icon="image" onClick=${() => (isOpen.value = true)}>${t('edit.choose_image')}<//>
    </div>
    ${isOpen.value && html`<${ImageDialog} onChoose=${choose} onClose=${() => (isOpen.value = false)} />`}
  `;
}

/** @param {{onChoose: (image: Image) => void, onClose: () => void}} props */
function ImageDialog({ onChoose, onClose }) {
  const images = useSignal(/** @type {Image[] | null} */ (null));
  const error = useSignal(/** @type {unknown} */ (null));
  useEffect(() => {
    listImages({ limit: 100 }).then((page) => (images.value = page.items), (failure) => (error.value = failure));
  }, []);
  return html`
    <${Dialog} wide title=${t('edit.choose_image')} onClose=${onClose}>
      ${error.value && html`<${Failure} error=${error.value} />`}
      ${!error.value && !images.value && html`<${Loading} />`}
      ${images.value?.length === 0 && html`<${Empty} icon="image" title=${t('edit.no_images')} />`}
      <ul class="tiles">
        ${images.value?.map(
          (image) => html`
            <li key=${image.image_id}>
              <button type="button" class="tile" onClick=${() => onChoose(image)}>
                ${image.format === 'cube' ? html`<span class="file">LUT</span>` : html`<${Thumbnail} url=${imageThumbnail(image.image_id)} />`}
                <span>${image.file_name ?? image.format}</span>
              </button>
            </li>
          `,
        )}
      </ul>
    <//>
  `;
}
