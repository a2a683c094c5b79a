{
    "name": "Credit Control for Sales",
    "version": "19.0.1.1.0",
    "category": "Accounting/Accounting",
    "summary": "Orders in the exposure, credit warnings on quotations, credit hold on orders",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control", "sale"],
    "data": ["data/credit_exposure_source_data.xml", "views/sale_order_views.xml"],
    "auto_install": True,
}
