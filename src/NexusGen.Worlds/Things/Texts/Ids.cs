using System.Collections.Immutable;
using NexusGen.Worlds.Scenes;

namespace NexusGen.Worlds.Things.Texts;

/// <summary>Between the values of scenes and the ids of the lexicon.</summary>
internal static class Ids
{
    /// <summary>The id of the relation of things beside each other.</summary>
    public const string NextTo = "next to";

    private static readonly ImmutableArray<string> Relations = ["left of", "right of", "above", "below"];

    /// <summary>Returns the id of a cell.</summary>
    public static string Of(Cell cell) => Lexicon.English.PlaceIds[cell.Index];

    /// <summary>Returns the id of a relation.</summary>
    public static string Of(Relation relation) => Relations[(int)relation];

    /// <summary>Returns the id of a size.</summary>
    public static string Of(ThingSize size) => size switch
    {
        ThingSize.Big => "big",
        ThingSize.Medium => "medium",
        _ => "small",
    };

    /// <summary>Returns the cell of an id.</summary>
    public static Cell CellOf(string id) => Cell.At(Lexicon.English.PlaceIds.IndexOf(id));

    /// <summary>Returns the size of an id.</summary>
    public static ThingSize SizeOf(string id) => Enum.GetValues<ThingSize>().Single(size => Of(size) == id);

    /// <summary>Returns the relation of an id, or null for <see cref="NextTo"/>.</summary>
    public static Relation? RelationOf(string id) => id == NextTo ? null : (Relation)Relations.IndexOf(id);
}
