# edge_program(NAME SOURCES...): a program for the emulated {{ core.name }} with the network; ${EDGE_EMULATE} starts one.
{% if is_arm %}
add_library(platform OBJECT "${CMAKE_CURRENT_LIST_DIR}/startup.c")
set(EDGE_LINKER_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/core.ld")

function(edge_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE platform edge_model)
    target_link_options(${name} PRIVATE -nostartfiles --specs=nano.specs -Wl,--gc-sections "-T${EDGE_LINKER_SCRIPT}")
    set_target_properties(${name} PROPERTIES SUFFIX .elf LINK_DEPENDS "${EDGE_LINKER_SCRIPT}")
endfunction()
{% else %}
function(edge_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE edge_model)
    # picolibc brings start-up and output through the emulator's semihosting.
    target_link_options(${name} PRIVATE --crt0=hosted --oslib=semihost -Wl,--gc-sections
        -Wl,--defsym=__flash={{ "0x%08X"|format(core.code.origin) }} -Wl,--defsym=__flash_size={{ core.code.length }}
        -Wl,--defsym=__ram={{ "0x%08X"|format(core.ram.origin) }} -Wl,--defsym=__ram_size={{ core.ram.length }}
        -Wl,--defsym=__stack_size=0x10000 -Tpicolibc.ld)
    set_target_properties(${name} PROPERTIES SUFFIX .elf)
endfunction()
{% endif %}

find_program(QEMU {{ core.emulator.program }})
set(EDGE_EMULATE ${QEMU} -M {{ core.machine }} {{ core.options|join(" ") }} -nographic -monitor none -serial none
    -semihosting-config enable=on,target=native -kernel)
