using System.Runtime.InteropServices;
using System.Text.Json;
using NexusGen.Imaging;

namespace NexusGen.Tests.Imaging;

/// <summary>A reference case: its inputs and expected outputs.</summary>
internal sealed class ReferenceCase
{
    private readonly string _folder;

    public ReferenceCase(string kind, string name)
    {
        _folder = Path.Combine(ReferenceFolder.Path, "cases", kind, name);
        Json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(_folder, "case.json"))).RootElement;
    }

    public JsonElement Json { get; }

    public JsonElement Input => Json.GetProperty("input");

    public JsonElement Expected => Json.GetProperty("expected");

    public static TheoryData<string> All(string kind)
    {
        string[] folders = Directory.GetDirectories(Path.Combine(ReferenceFolder.Path, "cases", kind));
        return [.. folders.Select(folder => Path.GetFileName(folder)).Order()];
    }

    /// <summary>Returns the full path of a path that a case lists relative to the reference folder.</summary>
    public static string Shared(JsonElement path) => Path.Combine(ReferenceFolder.Path, path.GetString()!);

    public static RgbImage Image(JsonElement path) => ImageFile.Read(Shared(path));

    public RgbImage ExpectedPicture(string name) =>
        ImageFile.Read(Path.Combine(_folder, Expected.GetProperty(name).GetString()!));

    /// <summary>Compares images within the tolerance of the case: "exact", or "levels" n.</summary>
    public void AssertPicture(RgbImage expected, RgbImage actual)
    {
        JsonElement tolerance = Json.GetProperty("tolerance");
        int levels = tolerance.ValueKind == JsonValueKind.Object ? tolerance.GetProperty("levels").GetInt32() : 0;
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        int worst = 0, different = 0;
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            int difference = Math.Abs(expected.Pixels[i] - actual.Pixels[i]);
            worst = Math.Max(worst, difference);
            different += difference == 0 ? 0 : 1;
        }

        Assert.InRange(worst, 0, levels);
        if (levels < 3)
        {
            Assert.InRange(different, 0, expected.Pixels.Length / 100);
        }
    }

    /// <summary>Returns whether the case has a tensor of that name.</summary>
    public bool HasTensor(string name) =>
        Json.TryGetProperty("tensors", out JsonElement tensors) && tensors.TryGetProperty(name, out _);

    public T[] Tensor<T>(string name)
        where T : unmanaged
    {
        ReadOnlySpan<byte> file = File.ReadAllBytes(Path.Combine(_folder, "tensors.safetensors"));
        int headerLength = (int)MemoryMarshal.Read<long>(file);
        JsonElement entry = JsonDocument.Parse(file.Slice(8, headerLength).ToArray()).RootElement.GetProperty(name);
        int start = entry.GetProperty("data_offsets")[0].GetInt32(), end = entry.GetProperty("data_offsets")[1].GetInt32();
        return MemoryMarshal.Cast<byte, T>(file[(8 + headerLength + start)..(8 + headerLength + end)]).ToArray();
    }
}
