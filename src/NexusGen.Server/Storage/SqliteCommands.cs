using Microsoft.Data.Sqlite;

namespace NexusGen.Server.Storage;

/// <summary>Runs SQL statements with named parameters.</summary>
internal static class SqliteCommands
{
    /// <summary>Creates a command.</summary>
    public static SqliteCommand Command(
        this SqliteConnection database, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        SqliteCommand command = database.CreateCommand();
        command.CommandText = sql;
        foreach ((string name, object? value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    /// <summary>Runs statements.</summary>
    /// <returns>The number of rows that were changed.</returns>
    public static int Run(
        this SqliteConnection database, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = database.Command(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>Returns the first value of a statement's result, or 0 if it has none.</summary>
    public static long Value(
        this SqliteConnection database, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = database.Command(sql, parameters);
        return (long)(command.ExecuteScalar() ?? 0L);
    }

    /// <summary>Returns the rows of a statement's result.</summary>
    public static List<T> Rows<T>(
        this SqliteConnection database,
        string sql,
        Func<SqliteDataReader, T> read,
        params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using SqliteCommand command = database.Command(sql, parameters);
        using SqliteDataReader reader = command.ExecuteReader();
        List<T> rows = [];
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
