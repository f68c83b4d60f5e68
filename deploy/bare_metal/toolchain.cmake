# Debian's gcc-arm-none-eabi with newlib. Another core: -DCPU=cortex-m0plus.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

set(CPU cortex-m4 CACHE STRING "What -mcpu gets")
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CPU)
set(CMAKE_C_FLAGS_INIT "-mthumb -mcpu=${CPU} -mfloat-abi=soft -ffunction-sections -fdata-sections -Wall -Wextra")
