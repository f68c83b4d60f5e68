"""What the stages hand on and a build comes to: frozen types, one module per stage, none of which loads TensorFlow."""
