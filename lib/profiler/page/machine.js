/* What is known of the machine; what is not has no line. */

function startMachine(system) {
    const both = (part, whole) => (isKnown(part) && isKnown(whole) ? `${formatBytes(part)} of ${formatBytes(whole)}` : null);
    const pairs = [
        ["Host", system.host],
        ["Kernel", [system.kernel, system.architecture].filter(Boolean).join(", ")],
        ["Processor", system.cpu_model],
        ["Cores", isKnown(system.cores_present) ? `${system.cores_present} present, ${system.cores_usable} usable` : null],
        ["Limit of the cgroup", isKnown(system.cpu_limit_milli) ? `${system.cpu_limit_milli / 1000} cores` : null],
        ["Memory available", both(system.memory_available_bytes, system.memory_total_bytes)],
        ["Memory limit of the cgroup", isKnown(system.memory_limit_bytes) ? formatBytes(system.memory_limit_bytes) : null],
        ["Load", isKnown(system.load_milli) ? (system.load_milli / 1000).toFixed(2) : null],
        ["Disk available", both(system.disk_available_bytes, system.disk_total_bytes)],
        ["Clock", [system.clock_source, system.zone_clock && `zones: ${system.zone_clock}`].filter(Boolean).join(", ")],
        ["Library", [system.library, system.compiler].filter(Boolean).join(", ")],
    ].filter(([, text]) => text);
    if (pairs.length === 0) return;
    document.getElementById("machine-list").append(...pairs.flatMap(([name, text]) => [element("dt", {}, name), element("dd", {}, text)]));
    document.getElementById("machine").hidden = false;
}
