/* Is found only with the include path of what the Makefile downloads. */
#pragma once
#define STANDIN_FLATBUFFERS 1
