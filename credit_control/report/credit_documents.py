from odoo import models


class CreditDocuments(models.AbstractModel):
    """What documents printed record by record have in common.

    A document names the model of its records (``_document_model``) and the dictionary that its template reads
    (``_values_name``), and says in :meth:`_prepare_document` what stands in it for one of them.
    """

    _name = "credit.documents"
    _description = "Documents of a record each"

    _document_model = None
    _values_name = None

    def _get_report_values(self, docids, data=None):
        records = self.env[self._document_model].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": records._name,
            "docs": records,
            self._values_name: {record.id: self._prepare_document(record) for record in records},
        }

    def _prepare_document(self, record):
        """Return the values of the document of ``record``, those with which its template is called."""
        raise NotImplementedError
