// Package grafana holds the dashboard of a fleet of phones, nxphone.json, for
// Grafana 9 and later on Prometheus (or what speaks its language) that takes
// OpenTelemetry's metrics: prometheus --web.enable-otlp-receiver, an OpenTelemetry
// collector with its prometheus exporter, Mimir, VictoriaMetrics with
// -opentelemetry.usePrometheusNaming.
//
// Its tests hold the queries to the metrics that package telemetry exports, by the
// names that Prometheus gives them.
package grafana
