global using Frame = Gyre.Generators.Generator<object?, object?, object?>;
