# Debian's {{ core.compiler.program }} for {{ core.name }}{{ ". Another Arm core: -DCPU=cortex-m0plus" if is_arm }}.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR {{ "arm" if is_arm else "riscv32" }})
set(CMAKE_C_COMPILER {{ core.compiler.program }})
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

{% if is_arm %}
set(CPU {{ core.name }} CACHE STRING "What -mcpu gets")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CPU)
set(CMAKE_C_FLAGS_INIT "-mcpu=${CPU} {{ flags_without_cpu|join(" ") }} -ffunction-sections -fdata-sections -Wall -Wextra")
{% else %}
set(CMAKE_C_FLAGS_INIT "{{ core.link_flags|join(" ") }} {{ core.flags|join(" ") }} -ffunction-sections -fdata-sections -Wall -Wextra")
{% endif %}
