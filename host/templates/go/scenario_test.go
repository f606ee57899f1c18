package main

import (
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What a run of the built component against the server inside vuelo measured.
func results(t *testing.T) map[string]struct{ Values map[string]float64 } {
	t.Helper()
	folder := t.TempDir()
	run := exec.Command(cmp.Or(os.Getenv("VUELO"), "vuelo"), "run", "./{{name}}.wasm", "--demo",
		"-u", "1", "-i", "3", "--quiet", "--results", folder)
	if output, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", run, err, output)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("one file of results was expected, not %v (%v)", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Metrics map[string]struct{ Values map[string]float64 }
	}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatal(err)
	}
	return results.Metrics
}

func TestHealthIsAskedFor(t *testing.T) {
	metrics := results(t)
	if rate := metrics["checks"].Values["rate"]; rate != 1 {
		t.Errorf("not every check held: %v", rate)
	}
	if count := metrics["iterations"].Values["count"]; count != 3 {
		t.Errorf("3 iterations were expected, not %v", count)
	}
	if longest := metrics["health_duration"].Values["max"]; longest <= 0 {
		t.Errorf("no health_duration was recorded: %v", longest)
	}
}
