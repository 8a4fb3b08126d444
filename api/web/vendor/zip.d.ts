// Types of zip.js, for `make check`; not served.
export { makeZip } from 'client-zip';
