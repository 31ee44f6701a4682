using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Files.Safetensors;
using NexusGen.Weights.Stores;
using static TorchSharp.torch;

namespace NexusGen.Tests.Weights;

/// <summary>Files with random damage: each opens and can be read, or is refused in a sentence; nothing else may happen.</summary>
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
            SafetensorsWriter.Write(_folder["good"], [("a", ones(2, 3)), ("b", ones(4, ScalarType.BFloat16)), ("c", ones(3, ScalarType.Bool))]);
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

    private void Damage(int seed)
    {
        byte[] good = File.ReadAllBytes(_folder["good"]);
        Random random = new(seed);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bad = good[..(random.Next(4) == 0 ? random.Next(good.Length) : good.Length)];
            for (int change = random.Next(4); change >= 0 && bad.Length > 0; change--)
            {
                bad[random.Next(bad.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : good[random.Next(good.Length)];
            }

            string path = _folder["bad"];
            File.WriteAllBytes(path, bad);
            try
            {
                using ITensorStore store = TensorStore.Open(path);
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
