using System.Text.Json;

namespace NexusGen.ThingSheets;

/// <summary>What the generator needs of <c>things.json</c>.</summary>
/// <param name="Sizes">The sizes of the sprites in pixels.</param>
/// <param name="Columns">How many sprites stand side by side in a sheet.</param>
/// <param name="Things">The drawings, in the order of the sheets.</param>
internal sealed record Catalogue(int[] Sizes, int Columns, CatalogueThing[] Things)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    /// <summary>Reads the table.</summary>
    /// <param name="path">The file <c>things.json</c>.</param>
    /// <returns>The table.</returns>
    public static Catalogue Read(string path) =>
        JsonSerializer.Deserialize<Catalogue>(File.ReadAllBytes(path), Options) ?? throw new InvalidDataException(path);
}

/// <summary>A line of the table.</summary>
/// <param name="Id">The name of the class.</param>
/// <param name="File">Its drawing.</param>
internal sealed record CatalogueThing(string Id, string File);
