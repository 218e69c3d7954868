package grafana

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/otlptranslator" // how Prometheus names OpenTelemetry's metrics; Apache-2.0

	"nxphone/call/telemetry"
)

// series are the names that Prometheus gives our metrics, by whether they have a
// cause.
func series(t *testing.T) map[string]bool {
	t.Helper()
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	all := map[string]bool{}
	for _, m := range telemetry.Metrics() {
		kind := map[telemetry.Kind]otlptranslator.MetricType{
			telemetry.Counter: otlptranslator.MetricTypeMonotonicCounter, telemetry.Gauge: otlptranslator.MetricTypeGauge, telemetry.Histogram: otlptranslator.MetricTypeHistogram,
		}[m.Kind]
		name, err := namer.Build(otlptranslator.Metric{Name: m.Name, Unit: m.Unit, Type: kind})
		if err != nil {
			t.Fatal(err)
		}
		if m.Kind != telemetry.Histogram {
			all[name] = m.Cause
			continue
		}
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			all[name+end] = false
		}
	}
	return all
}

type dashboard struct {
	Title, UID string
	Templating struct {
		List []struct{ Name, Definition string }
	}
	Panels []struct {
		ID          int
		Type, Title string
		Description string
		GridPos     struct{ X, Y, W, H int }
		Targets     []struct{ Expr, LegendFormat string }
	}
}

func load(t *testing.T) dashboard {
	t.Helper()
	data, err := os.ReadFile("nxphone.json")
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestQueries: every query asks for series that are exported, groups by labels
// that they have, and every metric is shown somewhere.
func TestQueries(t *testing.T) {
	known := series(t)
	names := regexp.MustCompile(`\bnxphone_\w+`)
	by := regexp.MustCompile(`(?:by|on|group_left) \(([^)]*)\)`)
	causes := regexp.MustCompile(`cause=~"([^"]*)"`)
	labels := []string{"job", "instance", "site", "service_version", "cause", "le"}
	shown := map[string]bool{}
	n := 0
	for _, p := range load(t).Panels {
		for _, target := range p.Targets {
			n++
			found := names.FindAllString(target.Expr, -1)
			if len(found) == 0 {
				t.Errorf("%s asks for nothing of ours: %s", p.Title, target.Expr)
			}
			cause := false
			for _, name := range found {
				has, ok := known[name]
				if !ok {
					t.Errorf("%s: %s is not exported", p.Title, name)
				}
				cause = cause || has
				shown[strings.NewReplacer("_bucket", "", "_sum", "", "_count", "").Replace(name)] = true
			}
			for _, m := range by.FindAllStringSubmatch(target.Expr, -1) {
				for label := range strings.SplitSeq(m[1], ",") {
					if label = strings.TrimSpace(label); !slices.Contains(labels, label) || label == "cause" && !cause {
						t.Errorf("%s: there is no label %s in %s", p.Title, label, target.Expr)
					}
				}
			}
			for _, m := range causes.FindAllStringSubmatch(target.Expr, -1) {
				for c := range strings.SplitSeq(m[1], "|") {
					if !slices.Contains(telemetry.Causes(), c) {
						t.Errorf("%s: there is no cause %s", p.Title, c)
					}
				}
			}
			if strings.Count(target.Expr, "(") != strings.Count(target.Expr, ")") || strings.Count(target.Expr, "{") != strings.Count(target.Expr, "}") {
				t.Errorf("%s: brackets of %s", p.Title, target.Expr)
			}
		}
		if p.Type != "row" && (p.Description == "" || len(p.Targets) == 0) {
			t.Errorf("%s says nothing", p.Title)
		}
	}
	for name := range known {
		if base := strings.NewReplacer("_bucket", "", "_sum", "", "_count", "").Replace(name); !shown[base] {
			t.Errorf("%s is shown nowhere", base)
		}
	}
	if n < 20 {
		t.Errorf("found %d queries", n)
	}
}

// TestLayout: no panel lies on another, and ids are unique.
func TestLayout(t *testing.T) {
	seen := map[int]bool{}
	taken := map[[2]int]string{}
	for _, p := range load(t).Panels {
		if seen[p.ID] {
			t.Errorf("%s: id %d is taken", p.Title, p.ID)
		}
		seen[p.ID] = true
		g := p.GridPos
		if g.X+g.W > 24 || g.W == 0 || g.H == 0 {
			t.Errorf("%s: %+v", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Errorf("%s lies on %s", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
