using NexusGen.Weights;
using NexusGen.Weights.Files;
using NexusGen.Weights.Stores;

namespace NexusGen.Autoregressive;

/// <summary>
/// A language model in llama.cpp's form: a GGUF file with the language model and one with the vision encoder (mmproj), either of
/// which may be split. What has no name there (<c>vision_head</c>, <c>image_prefill_embeds</c>) comes from other files.
/// </summary>
internal static class LlamaFiles
{
    private const string Ending = ".gguf";

    private static readonly string[] Nameless = ["vision_head.weight", "image_prefill_embeds.weight"];

    /// <summary>Finds the file of the language model.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <returns>The file, or null if the path is not that of such a model.</returns>
    /// <exception cref="WeightFileException">A folder contains several, or a file can't be read.</exception>
    public static string? FindText(string path)
    {
        if (File.Exists(path))
        {
            return path.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? path : null;
        }

        if (CheckpointNames.Find(path) is not null)
        {
            return null;
        }

        string[] texts = FilesOf(path, WeightContent.LlamaText);
        return texts.Length <= 1 ? texts.FirstOrDefault() : throw new WeightFileException(
            $"The folder {path} contains several language models ({string.Join(", ", texts.Select(Path.GetFileName))}); "
            + "specify the file of one of them.");
    }

    /// <summary>Opens a model under the official names.</summary>
    /// <param name="text">The file of the language model.</param>
    /// <param name="others">A folder with files that have what llama.cpp has no names for, or null for that of the model.</param>
    /// <param name="map">Whether the files may be mapped into memory.</param>
    /// <exception cref="WeightException">A file is missing, or is another part of the model.</exception>
    public static ITensorStore Open(string text, string? others = null, bool map = true)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(text))!;
        string[] visions = FilesOf(folder, WeightContent.LlamaVision);
        if (visions.Length > 1)
        {
            throw new WeightFileException(
                $"The folder {folder} contains several vision encoders ({string.Join(", ", visions.Select(Path.GetFileName))}); "
                + "leave the one that belongs to the language model.");
        }

        List<ITensorStore> stores = [];
        try
        {
            stores.Add(TensorStore.Open(text, map));
            WeightContents.Check(stores[0], "the language model", WeightContent.LlamaText);
            stores.AddRange(visions.Select(vision => TensorStore.Open(vision, map)));
            CompositeStore joined = Join(text, stores);
            foreach (string file in Checkpoints(folder).Concat(others is null ? [] : Checkpoints(others)).Distinct())
            {
                ITensorStore other = LanguageModelNames.Open(file, map);
                stores.Add(other);
                foreach ((string name, TensorEntry entry) in other.Entries)
                {
                    joined.Add(name, new StorePart(other, entry));
                }
            }

            CheckComplete(joined, text, folder);
            return joined;
        }
        catch
        {
            stores.ForEach(store => store.Dispose());
            throw;
        }
    }

    /// <summary>Joins the stores of a pair under the official names.</summary>
    /// <param name="location">The file, for messages.</param>
    /// <param name="stores">The stores, which the result takes ownership of; later ones may be added to the list.</param>
    public static CompositeStore Join(string location, IReadOnlyList<ITensorStore> stores)
    {
        var joined = new CompositeStore(location, stores);
        foreach (ITensorStore store in stores)
        {
            foreach ((string name, TensorEntry entry) in store.Entries)
            {
                if (LlamaNames.Attention(name) is { } attention && Parts(store, attention.File) is { } parts)
                {
                    joined.AddJoined(attention.Model, parts, 0, stack: false);
                }
                else if (name == LlamaNames.Slices[0] && Parts(store, LlamaNames.Slices) is { } slices)
                {
                    joined.AddJoined(LlamaNames.Patches, slices, 2, stack: true);
                }
                else if (!IsJoined(name))
                {
                    joined.Add(LlamaNames.Table.ToModel(name)?.Name ?? name, new StorePart(store, entry));
                }
            }
        }

        return joined;
    }

    private static bool IsJoined(string name) =>
        name == LlamaNames.Slices[1]
        || (name.StartsWith("v.blk.", StringComparison.Ordinal)
            && (name.Contains(".attn_k.", StringComparison.Ordinal) || name.Contains(".attn_v.", StringComparison.Ordinal)));

    private static StorePart[]? Parts(ITensorStore store, IReadOnlyList<string> names)
    {
        StorePart[] parts =
        [
            .. names.Where(store.Entries.ContainsKey).Select(name => new StorePart(store, store.Entries[name]))
        ];
        return parts.Length == names.Count && parts.All(part => part.Entry.Shape.Length == parts[0].Entry.Shape.Length)
            ? parts
            : null;
    }

    private static void CheckComplete(ITensorStore store, string text, string folder)
    {
        if (!store.Entries.Keys.Any(name => name.StartsWith(LanguageModelNames.Vision, StringComparison.Ordinal)))
        {
            throw new WeightException(
                $"{text} is the language model of a pair of files of llama.cpp; put the other one, whose name usually contains "
                + $"mmproj, into {folder}.");
        }

        string[] missing = [.. Nameless.Where(name => !store.Entries.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw new WeightException(
                $"{text} lacks {string.Join(" and ", missing)}, for which llama.cpp has no name; put a safetensors file of the "
                + $"official model that contains them into {folder}.");
        }
    }

    // The files with the official names in a folder: a checkpoint, or single files that are not decoders.
    private static IEnumerable<string> Checkpoints(string folder)
    {
        if (CheckpointNames.Find(folder) is { } known)
        {
            return [known];
        }

        return Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal).Where(HasNameless);
    }

    private static bool HasNameless(string file)
    {
        using ITensorStore store = TensorStore.Open(file);
        return store.Entries.Keys.Any(name => Nameless.Contains(LanguageModelNames.Official(name)));
    }

    // One path for each model: of a split one, the first file.
    private static string[] FilesOf(string folder, WeightContent content) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + Ending, new EnumerationOptions { MatchCasing = MatchCasing.CaseInsensitive })
            .Where(SplitGguf.IsFirst)
            .Where(file => Contains(file, content))
            .Order(StringComparer.Ordinal)
    ];

    private static bool Contains(string file, WeightContent content)
    {
        using ITensorStore store = TensorStore.Open(file);
        return WeightContents.Of(store) == content;
    }
}
