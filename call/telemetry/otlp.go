package telemetry

import (
	"math"
	"slices"
	"time"
)

// Attribute describes the program that measures.
type Attribute struct{ Key, Value string }

// scopeName names the source of the measurements.
const scopeName = "nxphone/call/telemetry"

// cumulative is AGGREGATION_TEMPORALITY_CUMULATIVE: an export that is lost loses
// nothing, because the next one holds it too.
const cumulative = 2

// encode writes an ExportMetricsServiceRequest of OTLP 1.x
// (opentelemetry/proto/collector/metrics/v1/metrics_service.proto). Field
// numbers are those of the .proto files.
func (b *book) encode(resource []Attribute, version string, start, now time.Time) []byte {
	var scope message
	scope.text(1, scopeName)
	scope.text(2, version)
	var metrics message // ScopeMetrics
	metrics.bytes(1, scope)
	for _, m := range Metrics() {
		metrics.bytes(2, b.metric(m, start, now))
	}
	var res message
	for _, a := range resource {
		res.bytes(1, a.encode())
	}
	var all message // ResourceMetrics
	all.bytes(1, res)
	all.bytes(2, metrics)
	var request message
	request.bytes(1, all)
	return request
}

func (a Attribute) encode() []byte {
	var value, kv message
	value.text(1, a.Value)
	kv.text(1, a.Key)
	kv.bytes(2, value)
	return kv
}

// metric writes a Metric.
func (b *book) metric(m Metric, start, now time.Time) []byte {
	var out, data message
	out.text(1, m.Name)
	out.text(2, m.Doc)
	out.text(3, m.Unit)
	switch m.Kind {
	case Gauge:
		data.bytes(1, b.gauge(m, start, now))
		out.bytes(5, data)
	case Counter:
		for _, p := range b.points(m, start, now) {
			data.bytes(1, p)
		}
		data.varint(2, cumulative)
		data.varint(3, 1) // is_monotonic
		out.bytes(7, data)
	case Histogram:
		data.bytes(1, b.measured[m.Name].encode(start, now))
		data.varint(2, cumulative)
		out.bytes(9, data)
	}
	return out
}

// gauge writes a NumberDataPoint.
func (b *book) gauge(m Metric, start, now time.Time) []byte {
	var p message
	p.fixed64(3, nanos(now))
	switch m.Name {
	case Uptime:
		p.double(4, now.Sub(start).Seconds())
	case Active:
		active := int64(0)
		if b.active {
			active = 1
		}
		p.sfixed64(6, active)
	}
	return p
}

// points writes the NumberDataPoints of a counter, one for each cause where it
// has causes.
func (b *book) points(m Metric, start, now time.Time) [][]byte {
	point := func(v uint64, attributes ...Attribute) []byte {
		var p message
		p.fixed64(2, nanos(start))
		p.fixed64(3, nanos(now))
		p.sfixed64(6, int64(v))
		for _, a := range attributes {
			p.bytes(7, a.encode())
		}
		return p
	}
	if !m.Cause {
		return [][]byte{point(b.counts[m.Name])}
	}
	var all [][]byte
	for _, c := range Causes() {
		all = append(all, point(b.failed[c], Attribute{"cause", c}))
	}
	return all
}

// encode writes a HistogramDataPoint.
func (h *histogram) encode(start, now time.Time) []byte {
	var p message
	p.fixed64(2, nanos(start))
	p.fixed64(3, nanos(now))
	p.fixed64(4, h.count)
	p.double(5, h.sum)
	p.packed64(6, h.counts)
	bounds := make([]uint64, len(h.bounds))
	for i, v := range h.bounds {
		bounds[i] = math.Float64bits(v)
	}
	p.packed64(7, bounds)
	return p
}

func nanos(t time.Time) uint64 { return uint64(t.UnixNano()) }

// rejected reads an ExportMetricsServiceResponse: how many points the collector
// did not take.
func rejected(body []byte) uint64 {
	for m := message(slices.Clone(body)); ; {
		number, _, partial, ok := m.field()
		if !ok {
			return 0
		}
		if number != 1 {
			continue
		}
		for p := message(partial); ; {
			number, value, _, ok := p.field()
			if !ok {
				break
			}
			if number == 1 {
				return value
			}
		}
	}
}
