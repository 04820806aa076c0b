"""Around the JVM: the machine (node-exporter) and its containers (cAdvisor)."""

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import units

from style import (
    BAD,
    BYTES,
    BYTES_PER_SECOND,
    COUNT,
    FULLNESS,
    SHARE,
    WARN,
    choice,
    graph,
    page,
    query,
    steps,
)

NODE = 'instance=~"$node"'
# As scrape.yml scrapes node-exporter.
NODE_SCRAPED = "30s"
REAL_DISK = f'{NODE}, fstype!~"tmpfs|overlay|squashfs"'
# cAdvisor also counts groups of processes that are no containers; those have no name.
CONTAINER = 'name!=""'


def build() -> dashboard.Dashboard:
    host = page("host", "The machine that dice runs on, and the containers there.")
    host.with_variable(
        choice(
            "node",
            "Machine",
            "The node-exporter that measures it.",
            "label_values(node_uname_info, instance)",
        )
    )

    host.with_panel(
        graph(
            "CPU",
            "Share of the processors' time that is not idle.",
            SHARE,
            query(
                "1 - avg by (instance) "
                f'(rate(node_cpu_seconds_total{{{NODE}, mode="idle"}}[$__rate_interval]))',
                "{{instance}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )
    host.with_panel(
        graph(
            "Load for each processor",
            "Tasks that run or want to, over 5 minutes, for each processor. Above 1 some wait.",
            COUNT,
            query(
                f"node_load5{{{NODE}}} / on (instance) count by (instance) "
                f'(node_cpu_seconds_total{{{NODE}, mode="idle"}})',
                "{{instance}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=steps((1, WARN), (2, BAD)),
        )
    )
    host.with_panel(
        graph(
            "Memory",
            "Share that programs cannot get any more without others giving theirs up.",
            SHARE,
            query(
                f"1 - node_memory_MemAvailable_bytes{{{NODE}}} / node_memory_MemTotal_bytes{{{NODE}}}",
                "{{instance}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )
    host.with_panel(
        graph(
            "Disks",
            "Share of each file system that is used.",
            SHARE,
            query(
                f"1 - node_filesystem_avail_bytes{{{REAL_DISK}}} / node_filesystem_size_bytes{{{REAL_DISK}}}",
                "{{instance}} {{mountpoint}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )
    host.with_panel(
        graph(
            "Disk reads and writes",
            "Bytes a second, by disk.",
            BYTES_PER_SECOND,
            query(
                f"rate(node_disk_read_bytes_total{{{NODE}}}[$__rate_interval])",
                "read {{instance}} {{device}}",
                scraped_every=NODE_SCRAPED,
            ),
            query(
                f"rate(node_disk_written_bytes_total{{{NODE}}}[$__rate_interval])",
                "written {{instance}} {{device}}",
                scraped_every=NODE_SCRAPED,
            ),
        )
    )
    host.with_panel(
        graph(
            "Network",
            "Bytes a second, by device, without the loopback.",
            BYTES_PER_SECOND,
            query(
                f'rate(node_network_receive_bytes_total{{{NODE}, device!="lo"}}[$__rate_interval])',
                "received {{instance}} {{device}}",
                scraped_every=NODE_SCRAPED,
            ),
            query(
                f'rate(node_network_transmit_bytes_total{{{NODE}, device!="lo"}}[$__rate_interval])',
                "sent {{instance}} {{device}}",
                scraped_every=NODE_SCRAPED,
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: CPU",
            "Processors that each container keeps busy.",
            COUNT,
            query(
                f"sum by (name) (rate(container_cpu_usage_seconds_total{{{CONTAINER}}}[$__rate_interval]))",
                "{{name}}",
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: memory",
            "The working set: what the kernel counts against the container's limit.",
            BYTES,
            query(f"sum by (name) (container_memory_working_set_bytes{{{CONTAINER}}})", "{{name}}"),
        )
    )
    host.with_panel(
        graph(
            "Containers: memory of the limit",
            "Share of the limit, where the container has one. At 100 % the kernel kills it.",
            SHARE,
            query(
                f"sum by (name) (container_memory_working_set_bytes{{{CONTAINER}}})\n"
                f"/ (sum by (name) (container_spec_memory_limit_bytes{{{CONTAINER}}}) > 0)",
                "{{name}}",
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )
    host.with_panel(
        graph(
            "Containers: network",
            "Bytes a second, received and sent.",
            BYTES_PER_SECOND,
            query(
                f"sum by (name) (rate(container_network_receive_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "received {{name}}",
            ),
            query(
                f"sum by (name) (rate(container_network_transmit_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "sent {{name}}",
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: age",
            "Time since each container started. Back at 0: it was started anew.",
            units.Seconds,
            query(f"time() - max by (name) (container_start_time_seconds{{{CONTAINER}}})", "{{name}}"),
        )
    )
    host.with_panel(
        graph(
            "Containers: starts in 15 minutes",
            "Starts beyond the first. Two or more are an alert.",
            COUNT,
            query(f"sum by (name) (changes(container_start_time_seconds{{{CONTAINER}}}[15m]))", "{{name}}"),
            thresholds=steps((1, WARN), (2, BAD)),
        )
    )
    return host
