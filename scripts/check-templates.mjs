// Filled in with the views; see src/core/render.
export {};
