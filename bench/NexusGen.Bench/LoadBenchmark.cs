using System.Diagnostics;
using System.Globalization;
using NexusGen.Autoregressive;
using NexusGen.Torch;
using NexusGen.Torch.Native;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Modules;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Bench;

/// <summary>
/// Loading layers of the language model from files of more than 2 GB until every byte was read and one token has passed
/// through, against plainly reading the files; and the memory that it takes. Each run is a process of its own.
/// </summary>
internal static class LoadBenchmark
{
    private const int Rounds = 5;

    /// <summary>Runs all cases in child processes.</summary>
    public static void Run()
    {
        foreach ((ScalarType stored, int layers) in ((ScalarType, int)[])[(ScalarType.BFloat16, 5), (ScalarType.Float32, 3)])
        {
            string folder = Directory.CreateTempSubdirectory("nexusgen-bench-").FullName;
            try
            {
                Write(folder, stored, Sizes(layers));
                Compare(folder, stored, layers, cold: false);
                Compare(folder, stored, layers, cold: true);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    /// <summary>What a child process does: loads, or reads plainly; prints seconds and bytes of memory.</summary>
    public static void Child(string what, string folder, int layers)
    {
        NativeRuntime.EnsureLoaded();
        long before = ProcessMemory.Resident();
        WarmUp();
        long start = Stopwatch.GetTimestamp();
        if (what == "read")
        {
            ReadPlainly(folder);
        }
        else
        {
            LoadAndPass(folder, Sizes(layers));
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {ProcessMemory.Peak() - before}"));
    }

    private static LanguageModelConfiguration Sizes(int layers) =>
        LanguageModelConfiguration.NexusGenV2 with { NumHiddenLayers = layers, VocabSize = 1024 };

    private static void Write(string folder, ScalarType type, LanguageModelConfiguration sizes)
    {
        var shapes = new ShapeOnlyWeights();
        new LanguageModel(new WeightSource(shapes, new LoadOptions(new Placement(META, type))), sizes).Dispose();
        IEnumerable<TensorToWrite> tensors = shapes.Requested.Select(item => new TensorToWrite(
            item.Key, type, [.. item.Value], () => empty(item.Value, dtype: ScalarType.Float32).uniform_(-0.02, 0.02)));
        SafetensorsWriter.WriteSharded(folder, tensors, maxShardBytes: 1L << 31);
    }

    private static void Compare(string folder, ScalarType stored, int layers, bool cold)
    {
        long bytes = Directory.GetFiles(folder, "*.safetensors").Sum(file => new FileInfo(file).Length);
        List<double> loads = [], reads = [], memory = [];
        for (int i = 0; i < Rounds; i++)
        {
            reads.Add(Start("read", folder, layers, cold).Seconds);
            (double seconds, double peak) = Start("load", folder, layers, cold);
            loads.Add(seconds);
            memory.Add(peak);
        }

        double load = Comparison.Median(loads), read = Comparison.Median(reads), share = read / load;
        double kept = bytes / (stored == ScalarType.BFloat16 ? 1.0 : 2.0), more = Comparison.Median(memory) / kept;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"load, {stored} in BFloat16, {(cold ? "cold" : "warm")}: {bytes / load / 1e9:0.00} GB/s, plainly reading {bytes / read / 1e9:0.00} GB/s, share {share:0.00} goal 0.80, {(share >= 0.8 ? "met" : "MISSED")}; memory {more:0.000} of the weights' bytes, goal 1.10, {(more <= 1.1 ? "met" : "MISSED")}"));
    }

    private static (double Seconds, double Peak) Start(string what, string folder, int layers, bool cold)
    {
        foreach (string file in Directory.GetFiles(folder, "*.safetensors"))
        {
            if (cold)
            {
                PageCache.Drop(file);
            }
        }

        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        string program = Environment.GetCommandLineArgs()[0];
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(program);
        }

        foreach (string argument in (string[])["load-child", what, folder, layers.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }

        using Process child = Process.Start(start)!;
        string[] numbers = child.StandardOutput.ReadToEnd().Split();
        child.WaitForExit();
        return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    // The code that loads a model and passes a token through it is compiled before the clock starts.
    private static void WarmUp()
    {
        using var scope = NewDisposeScope();
        string folder = Directory.CreateTempSubdirectory("nexusgen-bench-").FullName;
        try
        {
            LanguageModelConfiguration sizes = LanguageModelConfiguration.NexusGenV2 with
            {
                HiddenSize = 256,
                IntermediateSize = 256,
                NumAttentionHeads = 2,
                NumKeyValueHeads = 1,
                NumHiddenLayers = 1,
                VocabSize = 64,
            };
            Write(folder, ScalarType.BFloat16, sizes);
            ReadPlainly(folder);
            LoadAndPass(folder, sizes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void ReadPlainly(string folder)
    {
        byte[] buffer = new byte[4 << 20];
        foreach (string file in Directory.GetFiles(folder, "*.safetensors"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 0);
            while (stream.Read(buffer) > 0)
            {
            }
        }
    }

    private static void LoadAndPass(string folder, LanguageModelConfiguration sizes)
    {
        using ITensorStore store = TensorStore.Open(folder);
        var options = new LoadOptions(new Placement(CPU, ScalarType.BFloat16));
        using LanguageModel model = new CheckpointPart(store).Load(options, source => new LanguageModel(source, sizes));
        using var scope = NewDisposeScope();
        Tensor ids = arange(sizes.VocabSize).unsqueeze(0);
        model.Embed(ids).sum().Dispose();
        model.ImagePrefill.sum().Dispose();
        Tensor states = model.Forward(model.Embed(ids.narrow(1, 0, 1)), zeros(3, 1, 1));
        model.Logits(states).Dispose();
        model.ImageEmbeddings(states).Dispose();
    }
}
