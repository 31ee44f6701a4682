using NexusGen.Bench;
using NexusGen.Torch.Native;
using static TorchSharp.torch;

// Compares the library with its floors: `dotnet run -c Release --project bench/NexusGen.Bench -- NAME…`, or `all`. With `--device
// cuda`, the benchmarks of the models run on a GPU; with `--weights int8`, with linear layers in that format; with `--float32`,
// flux-step, image-prediction and decode compute in float32.
(string Name, Action Run)[] benchmarks =
[
    ("flux-step", FluxStepBenchmark.Run),
    ("image-prediction", LanguageModelBenchmarks.ImagePrediction),
    ("decode", LanguageModelBenchmarks.Decode),
    ("load", LoadBenchmark.Run),
    ("training-step", TrainingStepBenchmark.Run),
    ("adamw", AdamWBenchmark.Run),
    ("kept-memory", KeptMemoryBenchmark.Run),
    ("kernels", KernelBenchmarks.Run),
    ("attention", AttentionBenchmark.Run),
    ("stored-weight", StoredWeightBenchmark.Run),
    ("serve", ServerBenchmarks.Serve),
    ("serve-load", ServerBenchmarks.Load),
    ("serve-flood", FloodBenchmark.Run),
];

if (args is ["load-child", var what, var weights, var layers])
{
    using IDisposable ungraded = no_grad();
    LoadBenchmark.Child(what, weights, int.Parse(layers));
    return 0;
}

if (args is ["flood-child", var address, var clients, var seconds])
{
    await FloodBenchmark.ChildAsync(address, int.Parse(clients), double.Parse(seconds));
    return 0;
}

string[] names = Machine.Choose(args);
var chosen = benchmarks.Where(benchmark => names.Contains(benchmark.Name) || names is ["all"]).ToArray();
if (chosen.Length == 0)
{
    Console.WriteLine($"Name benchmarks to run, or all: {string.Join(", ", benchmarks.Select(benchmark => benchmark.Name))}.");
    return 1;
}

NativeRuntime.EnsureLoaded();
foreach ((string _, Action run) in chosen)
{
    using var scope = NewDisposeScope();
    using IDisposable inference = no_grad();
    run();
}

return 0;
