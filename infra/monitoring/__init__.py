"""What is made from one source: the PrometheusRule from the rules, and Grafana's dashboard."""
