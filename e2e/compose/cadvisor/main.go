// Command cadvisor is what the compose tests run in place of cAdvisor's own command, which is in a module
// that cannot be had: cAdvisor's library, the flags that docker-compose.yml gives, /metrics, /healthz, and
// for the page /containers/ a plain list of names.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	_ "github.com/google/cadvisor/container/docker/install"
	"github.com/google/cadvisor/lib/cache/memory"
	"github.com/google/cadvisor/lib/container"
	"github.com/google/cadvisor/lib/manager"
	"github.com/google/cadvisor/lib/metrics"
	"github.com/google/cadvisor/lib/model"
	"github.com/google/cadvisor/lib/utils/sysfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/utils/clock"
)

func main() {
	storeContainerLabels := flag.Bool("store_container_labels", true, "every label of a container as one of its series")
	printVersion := flag.Bool("version", false, "prints the version")
	flag.Parse()
	if *printVersion {
		fmt.Println("cAdvisor version 0.61.0")
		os.Exit(0)
	}

	included := container.MetricSet{
		container.CpuUsageMetrics:     {},
		container.MemoryUsageMetrics:  {},
		container.DiskIOMetrics:       {},
		container.DiskUsageMetrics:    {},
		container.NetworkUsageMetrics: {},
		container.OOMMetrics:          {},
	}
	containers, err := manager.New(memory.New(2*time.Minute, nil), sysfs.NewRealSysFs(),
		manager.HousekeepingConfigFlags, included, []string{""}, []string{""}, "", 0)
	if err != nil {
		log.Fatal(err)
	}
	if err := containers.Start(); err != nil {
		log.Fatal(err)
	}

	all := model.RequestOptions{IdType: model.TypeName, Count: 1, Recursive: true}
	labels := metrics.DefaultContainerLabels
	if !*storeContainerLabels {
		labels = metrics.BaseContainerLabels(nil)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		metrics.NewPrometheusCollector(containers, labels, included, clock.RealClock{},
			all),
		metrics.NewPrometheusMachineCollector(containers, included))
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError}))
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	http.HandleFunc("/containers/", func(w http.ResponseWriter, _ *http.Request) {
		found, err := containers.GetRequestedContainersInfo("/", all)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		for _, one := range found {
			fmt.Fprintln(w, one.Aliases)
		}
	})
	log.Fatal(http.ListenAndServe(":8080", nil))
}
