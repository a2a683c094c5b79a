{
    "name": "Credit Control for Deliveries",
    "version": "19.0.1.1.0",
    "category": "Accounting/Accounting",
    "summary": "What is delivered and not invoiced in the exposure, credit hold on deliveries",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control_sale", "sale_stock"],
    "data": ["data/credit_exposure_source_data.xml", "views/stock_picking_views.xml"],
    "auto_install": True,
}
