"""`make fix`: writes every generated document."""

from tools.write_docs import catalogue_page, command_page, contributing_page, errors_page, outputs_page, settings_page

for document in (settings_page, outputs_page, contributing_page, errors_page, command_page, catalogue_page):
    document.PAGE.write_text(document.page())
catalogue_page.write_images()
