{
    "name": "Credit Control by Job Queue",
    "version": "19.0.1.1.0",
    "category": "Accounting/Accounting",
    "summary": "Sending, files, scores and figures as jobs, on as many servers as there are",
    "author": "Credit Control maintainers",
    "license": "AGPL-3",
    "depends": ["credit_control", "queue_job"],
    "data": ["data/queue_job_data.xml", "views/ir_cron_views.xml"],
    "auto_install": True,
}
