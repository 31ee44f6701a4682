using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>
/// Files with random damage: each one opens and can be read, or is refused with one sentence; nothing else may happen.
/// </summary>
public sealed class DamagedFilesTests : IDisposable
{
    private const int Rounds = 1500;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SafetensorsFiles()
    {
        using (NewDisposeScope())
        {
            SafetensorsWriter.Write(
                _folder["good"],
                [("a", ones(2, 3)), ("b", ones(4, ScalarType.BFloat16)), ("c", ones(3, ScalarType.Bool))]);
        }

        Damage(1);
    }

    [Fact]
    public void Archives()
    {
        byte[] pickle = new PickleBuilder().OrderedDictionary().Op('(')
            .Text("w").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("v").Op('q').Raw(1).Tensor("FloatStorage", "0", 6, 0, [3, 2], [1, 3])
            .Text("l").Op(']').Op('(').Int(5).Op('h').Raw(1).Float(1).Op('e').Op('u').Stop();
        TorchArchive.Write(_folder["good"], pickle, ("0", TorchArchive.Floats(1, 2, 3, 4, 5, 6)));
        Damage(2);
    }

    [Fact]
    public void Indexes()
    {
        using Tensor one = ones(3);
        SafetensorsWriter.Write(_folder["x.safetensors"], [("a", one)]);
        File.WriteAllText(_folder["good"], """{"metadata":{"total_size":12},"weight_map":{"a":"x.safetensors"}}""");
        Damage(3);
    }

    [Fact]
    public void GgufFiles()
    {
        byte[] block = [0, 0x3C, .. Enumerable.Range(0, 32).Select(i => (byte)i)];
        File.WriteAllBytes(_folder["good"], new GgufBuilder()
            .Text("general.architecture", "test")
            .Number("general.alignment", 32)
            .Pair("list", 9, [.. BitConverter.GetBytes(5), .. BitConverter.GetBytes(2UL), .. new byte[8]])
            .Floats("a", 1, 2, 3)
            .Tensor("b", [32, 1], 8, block)
            .Tensor("c", [4], 30, new byte[8])
            .Build());
        Damage(4);
    }

    [Theory]
    [InlineData("nf4-weights/qwen-fp4/model.safetensors")]
    [InlineData("gptq-weights/sym/model.safetensors")]
    [InlineData("int8-weights/comfy-tensorwise/flux-int8.safetensors")]
    public void QuantizedFiles(string name)
    {
        byte[] file = File.ReadAllBytes(Path.Combine(ReferenceFolder.Path, "formats/cases", name));
        File.WriteAllBytes(_folder["good"], file);

        // The header and the small tensors around it are where damage matters.
        Damage(5, path => TensorStore.OpenModel(path), 300, (int)BitConverter.ToInt64(file) + 2000);
    }

    private void Damage(int seed, Func<string, ITensorStore>? open = null, int rounds = Rounds, int within = int.MaxValue)
    {
        byte[] good = File.ReadAllBytes(_folder["good"]);
        Random random = new(seed);
        for (int round = 0; round < rounds; round++)
        {
            byte[] bad = good[..(random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (int change = random.Next(4); change >= 0 && bad.Length > 0; change--)
            {
                int place = random.Next(Math.Min(bad.Length, within));
                bad[place] = random.Next(2) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];
            }

            string path = _folder["bad"];
            File.WriteAllBytes(path, bad);
            try
            {
                using ITensorStore store = open is null ? TensorStore.Open(path) : open(path);
                foreach (TensorEntry entry in store.Entries.Values)
                {
                    store.Read(entry).Dispose();
                    store.TryMap(entry)?.Dispose();
                }
            }
            catch (WeightFileException e)
            {
                Assert.EndsWith(".", e.Message);
            }
        }
    }
}
