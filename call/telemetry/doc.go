// Package telemetry counts calls and exports the counts to an OpenTelemetry
// collector (OTLP over HTTP): how many were placed, answered, cancelled and failed
// by cause, how long their set-up took, how they sounded. An organisation with 500
// desks sees by it that a site has lost its line before anybody telephones.
//
// # Usage
//
//	t, err := telemetry.New(telemetry.Options{Phone: engine, URL: "https://collector.example:4318", Version: version})
//	if err != nil { ... }
//	go t.Run(ctx) // until ctx ends; then it exports once more, in 2 s at most
//
// It is off unless somebody makes one. Whatever the collector does, no call waits
// for it.
//
// # What leaves the phone
//
// The metrics of [Metrics] and nothing else, with service.name, service.version,
// os.type, a random service.instance.id that is new at each start, and the
// attributes that the organisation's policy adds. No number, no extension, no
// realm, no address of a machine, no phrase of a server: none of them is ever put
// into the counts, and a test looks for all of them in every byte that is sent.
// Test calls are not counted.
//
// Counts are cumulative, so an export that is lost loses nothing, and nothing has
// to be queued. Every cause has its series from the start, so that the first
// failure of its kind can be seen as an increase.
//
// # Why not the SDK
//
// go.opentelemetry.io/otel's exporter brings gRPC and protobuf along: measured
// with v1.41.0 (the last whose go line we can take), a program grows by 8.2 MB
// stripped, 2.1 MB compressed, and by 7 MB of memory; all of that for fifteen
// metrics. This package writes the same bytes in a few hundred lines, and its
// tests read them with the official types of go.opentelemetry.io/proto/otlp.
//
// # Concurrency and testing
//
// Run owns two goroutines and waits for both. Tests run in synctest bubbles with a
// collector in memory, and against one on loopback with TLS.
//
// # Models
//
// The SDK's own otlpmetrichttp (what is tried again, Retry-After, partial success)
// and VictoriaMetrics/metrics (writing a format by hand is less code than taking a
// client for it). Done differently: nothing is registered at run time, the list of
// metrics is closed, and all series exist from the start.
package telemetry
