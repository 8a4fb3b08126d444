// What `make vendor` joins into api/web/vendor/zip.js.
export { makeZip } from 'client-zip';
