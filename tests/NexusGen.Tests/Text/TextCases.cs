using System.Buffers.Binary;
using System.Text.Json;
using NexusGen.Text;

namespace NexusGen.Tests.Text;

/// <summary>The reference files that the tests of this folder read, and the tokenizers that they share.</summary>
internal static class TextCases
{
    private static readonly Lazy<QwenTokenizer> LazyQwen = new(() => QwenTokenizer.Load(Folder("tokenizers/qwen2.5")));
    private static readonly Lazy<QwenTokenizer> LazyTinyQwen = new(() => QwenTokenizer.Load(Folder("models/tiny/Nexus-GenV2")));

    public static QwenTokenizer Qwen => LazyQwen.Value;

    public static QwenTokenizer TinyQwen => LazyTinyQwen.Value;

    public static string Folder(string name) => Path.Combine(ReferenceFolder.Path, name);

    public static TheoryData<string> Names(string kind) =>
        [.. Directory.GetDirectories(Folder("cases/" + kind)).Select(folder => Path.GetFileName(folder)).Order()];

    public static JsonElement Read(string kind, string name) => ReadJson(Folder($"cases/{kind}/{name}/case.json"));

    public static JsonElement Tricky() =>
        ReadJson(Path.Combine(ReferenceFolder.Path, "../NexusGen.Tests/Text/tricky-texts.json"));

    public static int[] Ids(this JsonElement array) => [.. array.EnumerateArray().Select(id => id.GetInt32())];

    public static string[] Texts(this JsonElement array) => [.. array.EnumerateArray().Select(text => text.GetString()!)];

    /// <summary>The int64 tensor of a case, flat; null where the case has none of that name.</summary>
    public static int[]? Tensor(string kind, string name, string tensor)
    {
        string path = Folder($"cases/{kind}/{name}/tensors.safetensors");
        byte[] bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        if (bytes.Length == 0)
        {
            return null;
        }

        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using JsonDocument header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        if (!header.RootElement.TryGetProperty(tensor, out JsonElement entry))
        {
            return null;
        }

        Assert.Equal("I64", entry.GetProperty("dtype").GetString());
        int[] offsets = entry.GetProperty("data_offsets").Ids();
        int[] values = new int[(offsets[1] - offsets[0]) / 8];
        for (int i = 0; i < values.Length; i++)
        {
            int position = 8 + headerLength + offsets[0] + (8 * i);
            values[i] = checked((int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(position)));
        }

        return values;
    }

    /// <summary>A folder of its own for one test, removed afterwards.</summary>
    public static TemporaryFolder CopyOf(string folder, params string[] files)
    {
        TemporaryFolder copy = new();
        foreach (string file in files)
        {
            File.Copy(Path.Combine(Folder(folder), file), Path.Combine(copy.Path, file));
        }

        return copy;
    }

    private static JsonElement ReadJson(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }
}
