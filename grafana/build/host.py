"""Around the JVM: the machine (node-exporter) and its containers (cAdvisor)."""

from grafana_foundation_sdk.builders import dashboard

from style import (
    ANY_IS_BAD,
    BAD,
    BYTES,
    BYTES_PER_SECOND,
    COUNT,
    FULLNESS,
    SECONDS,
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
USED = f"container_memory_working_set_bytes{{{CONTAINER}}} - container_memory_total_active_file_bytes{{{CONTAINER}}}"


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
            "CPU time withheld",
            "Share of the processors' time that the hypervisor withheld although tasks needed it (steal). A T3 "
            "instance without CPU credits shows here. More than 10 % for 10 minutes is alerted.",
            SHARE,
            query(
                f'avg by (instance) (rate(node_cpu_seconds_total{{{NODE}, mode="steal"}}[$__rate_interval]))',
                "{{instance}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=steps((0.05, WARN), (0.1, BAD)),
            show_thresholds=False,
        )
    )
    host.with_panel(
        graph(
            "Load for each processor",
            "Tasks that run or wait to run, over 5 minutes, for each processor. Above 1, some tasks wait.",
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
            "Share of the memory that is not available to programs.",
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
            "Processes killed because memory ran out",
            "Processes in 15 minutes. One is enough for an alert. The kernel's log names the process.",
            COUNT,
            query(
                f"increase(node_vmstat_oom_kill{{{NODE}}}[15m])", "{{instance}}", scraped_every=NODE_SCRAPED
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
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
            "Inodes",
            "Share of each file system's inodes that is used. Without free inodes, no file can be created, even if there "
            "is free space.",
            SHARE,
            query(
                f"1 - node_filesystem_files_free{{{REAL_DISK}}} / (node_filesystem_files{{{REAL_DISK}}} > 0)",
                "{{instance}} {{mountpoint}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=FULLNESS,
            top=1,
        )
    )
    host.with_panel(
        graph(
            "Read-only file systems",
            "1 if the file system is read-only. The kernel makes it read-only after a disk error.",
            COUNT,
            query(
                f'node_filesystem_readonly{{{NODE}, fstype=~"ext.|xfs|btrfs"}}',
                "{{instance}} {{mountpoint}}",
                scraped_every=NODE_SCRAPED,
            ),
            thresholds=ANY_IS_BAD,
            show_thresholds=False,
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
            "Clock",
            "How far the clock is off, and how far it can be off at most: 16 s if it is not synchronized.",
            SECONDS,
            query(
                f"abs(node_timex_offset_seconds{{{NODE}}})", "off {{instance}}", scraped_every=NODE_SCRAPED
            ),
            query(
                f"node_timex_maxerror_seconds{{{NODE}}}", "at most {{instance}}", scraped_every=NODE_SCRAPED
            ),
            thresholds=steps((0.05, WARN), (16, BAD)),
            show_thresholds=False,
        )
    )
    host.with_panel(
        graph(
            "Containers: CPU",
            "Processors that each container keeps busy.",
            COUNT,
            query(
                f"sum by (instance, name) (rate(container_cpu_usage_seconds_total{{{CONTAINER}}}[$__rate_interval]))",
                "{{name}} {{instance}}",
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: memory",
            "The memory that the kernel cannot free: the working set without cached files.",
            BYTES,
            query(f"sum by (instance, name) ({USED})", "{{name}} {{instance}}"),
        )
    )
    host.with_panel(
        graph(
            "Containers: memory of the limit",
            "Share of the memory limit, if the container has one. At 100 %, the kernel kills the container.",
            SHARE,
            query(
                f"sum by (instance, name) ({USED})\n"
                f"/ (sum by (instance, name) (container_spec_memory_limit_bytes{{{CONTAINER}}}) > 0)",
                "{{name}} {{instance}}",
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
                f"sum by (instance, name) (rate(container_network_receive_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "received {{name}} {{instance}}",
            ),
            query(
                f"sum by (instance, name) (rate(container_network_transmit_bytes_total{{{CONTAINER}}}[$__rate_interval]))",
                "sent {{name}} {{instance}}",
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: age",
            "Time since each container started. A drop to 0 is a restart.",
            SECONDS,
            query(
                f"time() - max by (instance, name) (container_start_time_seconds{{{CONTAINER}}})",
                "{{name}} {{instance}}",
            ),
        )
    )
    host.with_panel(
        graph(
            "Containers: restarts in 15 minutes",
            "Two or more are alerted.",
            COUNT,
            query(
                f"sum by (instance, name) (changes(container_start_time_seconds{{{CONTAINER}}}[15m]))",
                "{{name}} {{instance}}",
            ),
            thresholds=steps((1, WARN), (2, BAD)),
        )
    )
    return host
