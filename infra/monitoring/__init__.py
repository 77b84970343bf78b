"""What the people on call look at: the table of metrics, rules, alerts and dashboards, as code."""
